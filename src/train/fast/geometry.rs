//! The sizes of a convolution.

/// Parts into which a batch is cut for the weight gradient. A constant, and not the number of threads,
/// so that the order of summation is the same on every machine.
pub(super) const PARTS: usize = 8;

/// Sizes of one convolution.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) struct Geometry {
    pub(in crate::train) batch: usize,
    pub(in crate::train) channels_in: usize,
    pub(in crate::train) channels_out: usize,
    pub(in crate::train) height: usize,
    pub(in crate::train) width: usize,
    pub(in crate::train) kernel: [usize; 2],
    pub(in crate::train) stride: usize,
    pub(in crate::train) padding: usize,
    pub(in crate::train) out_height: usize,
    pub(in crate::train) out_width: usize,
}

impl Geometry {
    /// From the shapes of input and weight; panics if they do not fit together.
    pub(in crate::train) fn new(
        input: [usize; 4],
        weight: [usize; 4],
        stride: usize,
        padding: usize,
    ) -> Self {
        let [batch, channels_in, height, width] = input;
        let [channels_out, weight_channels, kernel_height, kernel_width] = weight;
        assert_eq!(channels_in, weight_channels, "input and weight differ in channels");
        assert!(stride > 0, "the stride is zero");
        assert!(kernel_height > 0 && kernel_width > 0, "the kernel is empty");
        let out = |size: usize, kernel: usize| {
            assert!(size + 2 * padding >= kernel, "the kernel is larger than the padded image");
            (size + 2 * padding - kernel) / stride + 1
        };
        Self {
            batch,
            channels_in,
            channels_out,
            height,
            width,
            kernel: [kernel_height, kernel_width],
            stride,
            padding,
            out_height: out(height, kernel_height),
            out_width: out(width, kernel_width),
        }
    }

    /// Shape of the input.
    pub(in crate::train) fn input(&self) -> [usize; 4] {
        [self.batch, self.channels_in, self.height, self.width]
    }

    /// Shape of the weight.
    pub(in crate::train) fn weight(&self) -> [usize; 4] {
        [self.channels_out, self.channels_in, self.kernel[0], self.kernel[1]]
    }

    /// Shape of the output.
    pub(in crate::train) fn output(&self) -> [usize; 4] {
        [self.batch, self.channels_out, self.out_height, self.out_width]
    }

    /// Weights of one filter: rows of the matrix of columns.
    pub(in crate::train) fn taps(&self) -> usize {
        self.channels_in * self.kernel[0] * self.kernel[1]
    }

    pub(in crate::train) fn pixels_in(&self) -> usize {
        self.height * self.width
    }

    pub(in crate::train) fn pixels_out(&self) -> usize {
        self.out_height * self.out_width
    }

    /// Whether an image is its own matrix of columns.
    pub(in crate::train) fn pointwise(&self) -> bool {
        self.kernel == [1, 1] && self.stride == 1 && self.padding == 0
    }
}
