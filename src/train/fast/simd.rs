//! Vectors of the instruction sets that the direct convolution is written for.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256, __m512, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_movehl_ps, _mm_shuffle_ps,
    _mm256_castps256_ps128, _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps,
    _mm256_setzero_ps, _mm256_storeu_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_reduce_add_ps,
    _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};

/// An instruction set with fused multiply-add that this processor has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::train) enum Level {
    /// x86-64 with AVX2 and FMA: 16 registers of 8 numbers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// x86-64 with AVX-512F: 32 registers of 16 numbers.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The best of this processor; none where no code has been written for it.
    pub(in crate::train) fn best() -> Option<Self> {
        Self::available().last().copied()
    }

    /// Those of this processor, best last.
    pub(super) fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "other processors have none")]
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                levels.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f") {
                levels.push(Self::Avx512);
            }
        }
        levels
    }
}

/// One register of numbers.
///
/// # Safety
///
/// Every function needs the instruction set that the type stands for; `load` and `store` need
/// [`LANES`](Self::LANES) numbers at the pointer.
#[allow(clippy::missing_safety_doc, reason = "one condition for all, above")]
pub(super) trait Vector: Copy {
    const LANES: usize;
    unsafe fn zero() -> Self;
    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// `self * factor + term`.
    unsafe fn fused(self, factor: Self, term: Self) -> Self;
    /// Sum of all lanes.
    unsafe fn sum(self) -> f32;
}

#[cfg(target_arch = "x86_64")]
impl Vector for __m512 {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm512_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn fused(self, factor: Self, term: Self) -> Self {
        unsafe { _mm512_fmadd_ps(self, factor, term) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        unsafe { _mm512_reduce_add_ps(self) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Vector for __m256 {
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { _mm256_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm256_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn fused(self, factor: Self, term: Self) -> Self {
        unsafe { _mm256_fmadd_ps(self, factor, term) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(self), _mm256_extractf128_ps::<1>(self));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
}

/// Defines a function that is compiled once more for each instruction set, and runs on the best that the
/// processor has. Write loops: what an iterator calls would not be compiled for the instruction set.
macro_rules! on_best_level {
    ($(#[$doc:meta])* $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$doc])*
        $visible fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn plain($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    plain($($argument),*)
                }

                #[target_feature(enable = "avx512f")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    plain($($argument),*)
                }

                match $crate::train::fast::simd::Level::best() {
                    // SAFETY: the processor has this instruction set.
                    Some($crate::train::fast::simd::Level::Avx512) => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    Some($crate::train::fast::simd::Level::Avx2) => return unsafe { avx2($($argument),*) },
                    None => {}
                }
            }
            plain($($argument),*)
        }
    };
}
pub(in crate::train) use on_best_level;
