//! An image that lies over every rendition, in one of its corners: billed at the basic tier, as it doesn't move.

use aws_sdk_mediaconvert::types::{ImageInserter, InsertableImage};

use crate::media::Size;
use crate::profile::{Corner, WatermarkPolicy};

/// A profile's watermark, with what is known of its image.
#[derive(Clone, Debug, PartialEq)]
pub struct Watermark {
    policy: WatermarkPolicy,
    uri: String,
    image: Size,
}

/// What a PNG begins with, and the first chunk's length and name: its header.
/// Source: <https://www.w3.org/TR/png-3/#5PNG-file-signature>.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
/// Bytes up to the end of the size.
pub const PNG_HEAD_BYTES: usize = 24;
/// Part of the picture's shorter side that stays free between the image and each edge.
const MARGIN: f64 = 0.03;

impl Watermark {
    /// The watermark whose file begins with `head`, in this bucket; `None` where that is no PNG.
    pub fn new(policy: WatermarkPolicy, bucket: &str, head: &[u8]) -> Option<Self> {
        Some(Self {
            uri: format!("s3://{bucket}/{}", policy.image),
            image: png_size(head)?,
            policy,
        })
    }

    /// What lays it over a picture of this size.
    pub(super) fn inserter(&self, picture: Size) -> ImageInserter {
        let (place, size) = self.place(picture);
        let pixels = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let image = InsertableImage::builder()
            .image_inserter_input(&self.uri)
            .image_x(pixels(place.width))
            .image_y(pixels(place.height))
            // Both, or else the other one is as in the file.
            .width(pixels(size.width))
            .height(pixels(size.height))
            .opacity(pixels(self.policy.opacity))
            .layer(0);
        ImageInserter::builder()
            .insertable_images(image.build())
            .build()
    }

    /// How far it is from the left and the upper edge, and its size. Its shape stays, and it stays within the margins.
    fn place(&self, picture: Size) -> (Size, Size) {
        let real = |pixels: u32| f64::from(pixels);
        let margin = whole(real(picture.short_side()) * MARGIN);
        let most = Size {
            width: picture.width.saturating_sub(2 * margin),
            height: picture.height.saturating_sub(2 * margin),
        };
        let wanted = real(picture.width) * real(self.policy.width_percent) / 100.0;
        let factor = (wanted / real(self.image.width))
            .min(real(most.width) / real(self.image.width))
            .min(real(most.height) / real(self.image.height));
        let size = Size {
            width: whole(real(self.image.width) * factor).max(1),
            height: whole(real(self.image.height) * factor).max(1),
        };
        let (right, bottom) = (
            picture.width.saturating_sub(margin + size.width),
            picture.height.saturating_sub(margin + size.height),
        );
        let (width, height) = match self.policy.corner {
            Corner::TopLeft => (margin, margin),
            Corner::TopRight => (right, margin),
            Corner::BottomLeft => (margin, bottom),
            Corner::BottomRight => (right, bottom),
        };
        (Size { width, height }, size)
    }
}

fn whole(pixels: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sides of a picture are small and positive"
    )]
    let whole = pixels.round() as u32;
    whole
}

fn png_size(head: &[u8]) -> Option<Size> {
    let rest = head.strip_prefix(PNG)?;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
    let size = Size {
        width: number(rest.get(..4)?)?,
        height: number(rest.get(4..8)?)?,
    };
    (size.short_side() > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::{PNG, Watermark};
    use crate::media::Size;
    use crate::profile::{Corner, WatermarkPolicy};
    use proptest::prelude::*;

    fn head(width: u32, height: u32) -> Vec<u8> {
        [PNG, &width.to_be_bytes(), &height.to_be_bytes()].concat()
    }

    fn watermark(corner: Corner, width_percent: u32, image: (u32, u32)) -> Watermark {
        let policy = WatermarkPolicy {
            image: "watermarks/logo.png".into(),
            corner,
            width_percent,
            opacity: 80,
        };
        Watermark::new(policy, "config", &head(image.0, image.1)).unwrap()
    }

    #[test]
    fn it_is_as_large_a_part_of_every_rendition() {
        let of = |corner, width, height| {
            let inserter = watermark(corner, 10, (400, 100)).inserter(Size { width, height });
            let image = &inserter.insertable_images()[0];
            assert_eq!(
                image.image_inserter_input(),
                Some("s3://config/watermarks/logo.png")
            );
            assert_eq!(image.opacity(), Some(80));
            [
                image.image_x(),
                image.image_y(),
                image.width(),
                image.height(),
            ]
            .map(Option::unwrap)
        };
        assert_eq!(of(Corner::BottomRight, 1920, 1080), [1696, 1000, 192, 48]);
        assert_eq!(of(Corner::BottomRight, 640, 360), [565, 333, 64, 16]);
        assert_eq!(of(Corner::TopLeft, 1080, 1920), [32, 32, 108, 27]);
        assert_eq!(of(Corner::TopRight, 1280, 720), [1130, 22, 128, 32]);
        assert_eq!(of(Corner::BottomLeft, 1280, 720), [22, 666, 128, 32]);
    }

    #[test]
    fn what_is_no_png_is_none() {
        let policy = || watermark(Corner::TopLeft, 10, (1, 1)).policy;
        for wrong in [&b"GIF89a"[..], b"", &head(0, 9), &head(9, 9)[..20]] {
            assert_eq!(Watermark::new(policy(), "config", wrong), None);
        }
    }

    proptest! {
        #[test]
        fn it_lies_within_the_picture_in_its_own_shape(
            picture in (32..8192_u32, 32..8192_u32), image in (1..5000_u32, 1..5000_u32), percent in 1..=100_u32,
            corner in proptest::sample::select(vec![Corner::TopLeft, Corner::TopRight, Corner::BottomLeft, Corner::BottomRight]),
        ) {
            let picture = Size { width: picture.0, height: picture.1 };
            let (place, size) = watermark(corner, percent, image).place(picture);
            prop_assert!(place.width + size.width <= picture.width && place.height + size.height <= picture.height);
            let expected = f64::from(size.width) * f64::from(image.1) / f64::from(image.0);
            let scale = f64::from(image.1) / f64::from(image.0);
            prop_assert!((f64::from(size.height) - expected).abs() <= 1.0 + scale, "{:?} of {:?}", size, image);
        }
    }
}
