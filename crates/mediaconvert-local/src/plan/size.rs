//! The size of a picture: which part of the frame is content, and how large it is.
//!
//! The service's rules: <https://docs.aws.amazon.com/mediaconvert/latest/ug/video-scaling.html>.

use crate::ratio::Ratio;
use crate::settings::ScalingBehavior;

/// The source, the way up that the output shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oriented {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Shape of a pixel, width to height.
    pub pixel: Ratio,
}

/// What the settings ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// What to do when the shape differs.
    pub scaling: ScalingBehavior,
    /// Shape of a pixel; that of the source when left out.
    pub pixel: Option<Ratio>,
}

/// The frame that is encoded, and the content in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Pixels of the encoded frame, even.
    pub width: u32,
    /// Pixels of the encoded frame, even.
    pub height: u32,
    /// The source is scaled to this: smaller than the frame where black pads it, larger where it is
    /// cropped.
    pub content: (u32, u32),
    /// Where the content is in the frame: pixels from the left and the top. In the middle, when left
    /// out.
    pub place: Option<(u32, u32)>,
    /// Shape of an encoded pixel.
    pub pixel: Ratio,
}

/// Sizes the frame.
pub fn fit(source: Oriented, wanted: Wanted) -> Geometry {
    let pixel = wanted.pixel.unwrap_or(source.pixel);
    let shape = Shape::new(source, pixel);
    let frame = |(width, height): (u32, u32), content: (u32, u32)| Geometry {
        width,
        height,
        content,
        place: None,
        pixel,
    };
    match (wanted.width, wanted.height) {
        (None, None) => {
            let size = (
                even(shape.width, shape.source_height, Half::Down),
                even(u64::from(source.height), 1, Half::Down),
            );
            frame(size, size)
        }
        (Some(width), None) => {
            let width = match wanted.scaling {
                ScalingBehavior::FitNoUpscale => {
                    width.min(even(shape.width, shape.source_height, Half::Down))
                }
                _ => width,
            };
            let size = (width, shape.height_of(width));
            frame(size, size)
        }
        (None, Some(height)) => {
            let height = match wanted.scaling {
                ScalingBehavior::FitNoUpscale => {
                    height.min(even(u64::from(source.height), 1, Half::Down))
                }
                _ => height,
            };
            let size = (shape.width_of(height), height);
            frame(size, size)
        }
        (Some(width), Some(height)) => {
            let (inside, around) = shape.against(width, height);
            match wanted.scaling {
                ScalingBehavior::Default => frame((width, height), inside),
                ScalingBehavior::StretchToOutput => frame((width, height), (width, height)),
                ScalingBehavior::Fill => frame((width, height), around),
                ScalingBehavior::Fit => frame(inside, inside),
                ScalingBehavior::FitNoUpscale => {
                    let own = fit(
                        source,
                        Wanted {
                            width: None,
                            height: None,
                            ..wanted
                        },
                    );
                    if own.width <= inside.0 && own.height <= inside.1 {
                        own
                    } else {
                        frame(inside, inside)
                    }
                }
            }
        }
    }
}

/// The content's width to height, in pixels of the output: `width / height`, exactly.
struct Shape {
    width: u64,
    height: u64,
    /// What `width` has to be divided by to give the width at the source's height.
    source_height: u64,
}

impl Shape {
    fn new(source: Oriented, pixel: Ratio) -> Self {
        let scale = |a: u32, b: u32| u64::from(a) * u64::from(b);
        // width × (source pixel ÷ output pixel); terms are below 2^32, products of two below 2^64.
        // Real pixel shapes are small, so the third factor fits too.
        let up = scale(source.pixel.numerator(), pixel.denominator());
        let down = scale(source.pixel.denominator(), pixel.numerator());
        let divisor = divisor(up, down);
        let (up, down) = (up / divisor, down / divisor);
        Self {
            width: u64::from(source.width).saturating_mul(up),
            height: u64::from(source.height).saturating_mul(down),
            source_height: down,
        }
    }

    fn height_of(&self, width: u32) -> u32 {
        even(
            u64::from(width).saturating_mul(self.height),
            self.width,
            Half::Up,
        )
    }

    fn width_of(&self, height: u32) -> u32 {
        even(
            u64::from(height).saturating_mul(self.width),
            self.height,
            Half::Up,
        )
    }

    /// The largest size of the shape inside a frame, and the smallest around it.
    fn against(&self, width: u32, height: u32) -> ((u32, u32), (u32, u32)) {
        let by_width = (width, self.height_of(width));
        let by_height = (self.width_of(height), height);
        if by_width.1 <= height {
            (by_width, (by_height.0.max(width), height))
        } else {
            ((by_height.0.min(width), height), by_width)
        }
    }
}

fn divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Where a number right between two even ones goes.
#[derive(Clone, Copy)]
enum Half {
    /// Up: 405 becomes 406, as jobs of the service show (406×720 of a 9:16 source).
    Up,
    /// Down, so that a frame is never larger than an odd source. What the service does there is not
    /// documented.
    Down,
}

/// The even number that is nearest to `numerator / denominator`, at least 2.
fn even(numerator: u64, denominator: u64, half: Half) -> u32 {
    let denominator = denominator.max(1).saturating_mul(2);
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    let up = match half {
        Half::Up => rest.saturating_mul(2) >= denominator,
        Half::Down => rest.saturating_mul(2) > denominator,
    };
    u32::try_from((quotient + u64::from(up)).max(1).saturating_mul(2)).unwrap_or(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(width: u32, height: u32) -> Oriented {
        Oriented {
            width,
            height,
            pixel: Ratio::ONE,
        }
    }

    fn sized(source: Oriented, wanted: Wanted) -> (u32, u32, (u32, u32)) {
        let geometry = fit(source, wanted);
        (geometry.width, geometry.height, geometry.content)
    }

    #[test]
    fn one_side_alone_keeps_the_shape() {
        let wanted = Wanted {
            height: Some(720),
            ..Wanted::default()
        };
        assert_eq!(sized(source(1080, 1920), wanted), (406, 720, (406, 720)));
        assert_eq!(sized(source(1920, 1080), wanted), (1280, 720, (1280, 720)));
        let wanted = Wanted {
            width: Some(480),
            ..Wanted::default()
        };
        assert_eq!(sized(source(1080, 1920), wanted), (480, 854, (480, 854)));
    }

    #[test]
    fn no_side_keeps_the_size_but_for_odd_ones() {
        assert_eq!(
            sized(source(641, 271), Wanted::default()),
            (640, 270, (640, 270))
        );
    }

    #[test]
    fn both_sides_pad_stretch_fit_or_fill() {
        let wanted = |scaling| Wanted {
            width: Some(640),
            height: Some(480),
            scaling,
            pixel: None,
        };
        let wide = source(1280, 720);
        assert_eq!(
            sized(wide, wanted(ScalingBehavior::Default)),
            (640, 480, (640, 360))
        );
        assert_eq!(
            sized(wide, wanted(ScalingBehavior::StretchToOutput)),
            (640, 480, (640, 480))
        );
        assert_eq!(
            sized(wide, wanted(ScalingBehavior::Fit)),
            (640, 360, (640, 360))
        );
        assert_eq!(
            sized(wide, wanted(ScalingBehavior::Fill)),
            (640, 480, (854, 480))
        );
        assert_eq!(
            sized(source(320, 180), wanted(ScalingBehavior::FitNoUpscale)),
            (320, 180, (320, 180))
        );
    }

    #[test]
    fn square_pixels_can_be_asked_for() {
        let pal = Oriented {
            width: 720,
            height: 576,
            pixel: Ratio::new(16, 15).unwrap(),
        };
        let wanted = Wanted {
            height: Some(576),
            pixel: Some(Ratio::ONE),
            ..Wanted::default()
        };
        assert_eq!(sized(pal, wanted), (768, 576, (768, 576)));
        let geometry = fit(
            pal,
            Wanted {
                height: Some(288),
                ..Wanted::default()
            },
        );
        assert_eq!((geometry.width, geometry.pixel), (360, pal.pixel));
    }

    proptest! {
        #[test]
        fn a_frame_is_even_and_never_exceeds_what_was_asked_for(
            (width, height) in (1u32..8192, 1u32..8192),
            asked in (prop::option::of(16u32..2048), prop::option::of(16u32..2048)),
            scaling in prop::sample::select(vec![
                ScalingBehavior::Default, ScalingBehavior::StretchToOutput, ScalingBehavior::Fit,
                ScalingBehavior::FitNoUpscale, ScalingBehavior::Fill,
            ]),
            (n, d) in (1u32..64, 1u32..64),
        ) {
            let oriented = Oriented { width, height, pixel: Ratio::new(n, d).unwrap() };
            let wanted = Wanted {
                width: asked.0.map(|w| w * 2), height: asked.1.map(|h| h * 2), scaling, pixel: None,
            };
            let geometry = fit(oriented, wanted);
            prop_assert!(geometry.width.is_multiple_of(2) && geometry.height.is_multiple_of(2));
            prop_assert!(geometry.width >= 2 && geometry.height >= 2);
            if let Some(asked) = wanted.width { prop_assert!(geometry.width <= asked); }
            if let Some(asked) = wanted.height { prop_assert!(geometry.height <= asked); }
            if scaling != ScalingBehavior::Fill {
                prop_assert!(geometry.content.0 <= geometry.width);
                prop_assert!(geometry.content.1 <= geometry.height);
            } else if wanted.width.is_some() && wanted.height.is_some() {
                prop_assert!(geometry.content.0 >= geometry.width);
                prop_assert!(geometry.content.1 >= geometry.height);
            }
        }
    }
}
