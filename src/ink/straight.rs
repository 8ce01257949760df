//! Straight lines on a page, nearly level or nearly upright.

/// How far from level, or from upright, a line may be scanned.
const SLOPE: f32 = 0.05;
/// The least share of the page that a line runs along.
const LEAST: f32 = 0.4;
/// And the fewest pixels.
const SHORTEST: usize = 24;
/// How far off its straight course it may be, in pixels: print is straight, hands are not.
const OFF: i32 = 1;
/// The thickest line, as a share of the page's longer side, and never less than these pixels.
const THICKEST: f32 = 0.008;
const THICK: usize = 4;
/// On how much of the way from its one end to its other nothing crosses a line ...
const ALONE: f32 = 0.4;
/// ... and on how much of it there is ink at all: a headline in Devanagari ends with every word.
const UNBROKEN: f32 = 0.93;
/// Ink that lies further than this share of the way from the next on its course is another line's, or a speck.
const APART: f32 = 0.05;
/// A dotted line has at least so many gaps, none longer than this share of its length, and dots on so much of it.
const GAPS: usize = 20;
const GAP: f32 = 0.02;
const DOTS: f32 = 0.25;
/// Lines looked for: ruled paper has many.
const MOST: usize = 40;
/// After so many courses that were no lines, the weaker ones are none either.
const MISSES: usize = 3;
/// Where a page is crossed by more thin runs than this, on average over its places, no line would be seen among them.
const BUSY: usize = 30;

/// The page read along one of its sides: `length` places, `step` apart in its values, each with `span` pixels, `across`
/// apart.
pub(super) struct Way {
    pub(super) step: usize,
    pub(super) length: usize,
    pub(super) across: usize,
    pub(super) span: usize,
}

/// A run of ink across the way at one place.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) at: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A line: its first and last place, its longest gap, and its ink where nothing crosses it.
pub(super) struct Straight {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) gap: usize,
    pub(super) runs: Vec<Run>,
    course: Course,
    way: usize,
}

impl Straight {
    pub(super) fn length(&self) -> usize {
        self.to - self.from + 1
    }

    /// How far it goes across for each step along the way.
    pub(super) fn slope(&self) -> f32 {
        self.course.slope
    }

    /// The place at which one the other way crosses it.
    pub(super) fn crosses(&self, other: &Straight) -> usize {
        let at = |place: f32| other.across(self.across(place.max(0.0) as usize).max(0.0) as usize);
        // both are nearly square to each other: what the first guess is off, the second is not
        at(at(self.from as f32)).max(0.0) as usize
    }

    /// Where it lies across the way at one place.
    pub(super) fn across(&self, at: usize) -> f32 {
        -self.course.off(&Run { at, from: 0, to: 0 }, self.way)
    }
}

/// Where a line lies in the middle of the way, and how much further for each step.
#[derive(Clone, Copy)]
struct Course {
    middle: f32,
    slope: f32,
}

impl Way {
    /// The lines of a page, those with most ink first.
    pub(super) fn lines(&self, contrast: &[u8], ink: u8) -> Vec<Straight> {
        let thickest = self.thickest();
        let all = self.runs(contrast, ink);
        let mut thin: Vec<Run> = all.iter().copied().filter(|run| run.to - run.from <= thickest).collect();
        if thin.len() > BUSY * self.length {
            return Vec::new();
        }
        let (mut lines, mut misses) = (Vec::new(), 0);
        while lines.len() < MOST && misses < MISSES {
            let Some(course) = self.longest(&thin) else { break };
            let is_on = |run: &Run| course.off(run, self.length).abs() <= OFF as f32 + 0.5;
            let (on, off) = thin.into_iter().partition(is_on);
            thin = off;
            let inked = self.together(course, &on, &all);
            let (on, apart): (Vec<Run>, Vec<Run>) =
                on.into_iter().partition(|run| inked.binary_search(&run.at).is_ok());
            thin.extend(apart);
            thin.sort_by_key(|run| run.at);
            match self.line(course, on, inked) {
                Some(line) => lines.push(line),
                None => misses += 1,
            }
        }
        lines
    }

    fn thickest(&self) -> usize {
        ((THICKEST * self.length.max(self.span) as f32) as usize).max(THICK)
    }

    /// What is left of a line around one place after its own runs are gone: those on its course that are now thin, give
    /// or take `soft` pixels.
    pub(super) fn left_at(
        &self,
        line: &Straight,
        place: usize,
        contrast: &[u8],
        ink: u8,
        soft: usize,
    ) -> Vec<Run> {
        let thickest = self.thickest() + soft;
        let run = |at: usize| {
            let is_ink = |place: &usize| contrast[at * self.step + place * self.across] >= ink;
            let middle = line.across(at).round().max(0.0) as usize;
            let near = middle.saturating_sub(OFF as usize)..(middle + OFF as usize + 1).min(self.span);
            let on = near.into_iter().find(is_ink)?;
            let from = on - (0..on).rev().take(thickest).take_while(is_ink).count();
            let to = from + (from..self.span).take(thickest + 1).take_while(is_ink).count();
            (to - from <= thickest).then_some(Run { at, from, to })
        };
        (place.saturating_sub(thickest)..(place + thickest + 1).min(self.length)).filter_map(run).collect()
    }

    /// All runs of ink, place by place.
    fn runs(&self, contrast: &[u8], ink: u8) -> Vec<Run> {
        let mut runs = Vec::new();
        for at in 0..self.length {
            let mut from = None;
            for place in 0..=self.span {
                let is_ink = place < self.span && contrast[at * self.step + place * self.across] >= ink;
                match (is_ink, from) {
                    (true, None) => from = Some(place),
                    (false, Some(start)) => {
                        runs.push(Run { at, from: start, to: place });
                        from = None;
                    }
                    _ => {}
                }
            }
        }
        runs
    }

    /// The course on which most of the runs lie, if they are as many as a line has (Hough 1962).
    fn longest(&self, runs: &[Run]) -> Option<Course> {
        let drifts = (SLOPE * self.length as f32) as i32;
        let reach = drifts as usize + 2;
        let mut best = (0, Course { middle: 0.0, slope: 0.0 });
        let mut votes = vec![0_u32; self.span + 2 * reach];
        for drift in -drifts..=drifts {
            let slope = drift as f32 / self.length as f32;
            votes.fill(0);
            for run in runs {
                let middle = Course { middle: 0.0, slope }.off(run, self.length);
                votes[(middle + reach as f32).round() as usize] += 1;
            }
            for (place, near) in votes.windows(2 * OFF as usize + 1).enumerate() {
                let count: u32 = near.iter().sum();
                if count > best.0 {
                    best = (count, Course { middle: (place as i32 + OFF) as f32 - reach as f32, slope });
                }
            }
        }
        (best.0 as f32 >= LEAST * DOTS * self.length as f32).then_some(best.1)
    }

    /// Where a course has ink, without what lies apart from most of the runs `on` it.
    fn together(&self, course: Course, on: &[Run], all: &[Run]) -> Vec<usize> {
        let mut inked: Vec<usize> =
            all.iter().filter(|run| course.is_in(run, self.length)).map(|run| run.at).collect();
        inked.dedup();
        let apart = (APART * self.length as f32) as usize;
        let held = |part: &&[usize]| on.iter().filter(|run| part.binary_search(&run.at).is_ok()).count();
        let parts = inked.chunk_by(|one, next| next - one <= apart + 1);
        parts.max_by_key(held).map_or(Vec::new(), <[usize]>::to_vec)
    }

    /// The line of the runs that lie on a course and of all its ink, if they are long and dense enough to be one.
    fn line(&self, course: Course, on: Vec<Run>, mut inked: Vec<usize>) -> Option<Straight> {
        let (from, to) = (on.first()?.at, on.last()?.at);
        let length = (to - from + 1) as f32;
        inked.retain(|at| (from..=to).contains(at));
        let gaps = inked.windows(2).map(|two| two[1] - two[0] - 1).filter(|gap| *gap > 0);
        let (gaps, gap) = gaps.fold((0, 0), |(count, longest), gap| (count + 1, gap.max(longest)));
        let takes = |places: usize, share: f32| places as f32 >= share * length;
        let is_solid = takes(on.len(), ALONE) && takes(inked.len(), UNBROKEN);
        let is_dotted = takes(on.len(), DOTS) && gaps >= GAPS && !takes(gap, GAP);
        let is_long = length >= (LEAST * self.length as f32).max(SHORTEST as f32);
        (is_long && (is_solid || is_dotted)).then_some(Straight {
            from,
            to,
            gap,
            runs: on,
            course,
            way: self.length,
        })
    }
}

impl Course {
    /// Whether it passes through a run, or nearly.
    fn is_in(self, run: &Run, length: usize) -> bool {
        self.off(run, length).abs() <= (run.to - run.from) as f32 / 2.0 + OFF as f32
    }

    /// How far the middle of a run is from it.
    fn off(self, run: &Run, length: usize) -> f32 {
        let along = run.at as f32 - length as f32 / 2.0;
        (run.from + run.to) as f32 / 2.0 - self.middle - self.slope * along
    }
}
