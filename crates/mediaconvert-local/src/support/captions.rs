//! Captions.

use super::Group;
use super::Support::{Among, Approximated, Harmless, Honoured, Only, Refused};

pub(super) const GROUPS: &[Group] = &[
    Group {
        place: "inputs/*/captionSelectors/*",
        fields: &[
            (
                "languageCode",
                Approximated("chooses among text tracks of the input"),
            ),
            (
                "customLanguageCode",
                Approximated("chooses among text tracks of the input"),
            ),
            (
                "sourceSettings/sourceType",
                Among(&[
                    "EMBEDDED",
                    "ANCILLARY",
                    "SRT",
                    "WEBVTT",
                    "TTML",
                    "SMPTE_TT",
                    "IMSC",
                    "SCC",
                    "SMI",
                    "TT_3GPP",
                    "NULL_SOURCE",
                ]),
            ),
            ("sourceSettings/fileSourceSettings/sourceFile", Honoured),
            ("sourceSettings/fileSourceSettings/timeDelta", Honoured),
            ("sourceSettings/fileSourceSettings/timeDeltaUnits", Honoured),
            ("sourceSettings/fileSourceSettings/framerate", Honoured),
            (
                "sourceSettings/fileSourceSettings/convertPaintToPop",
                Harmless("paint-on captions become whole cues anyway"),
            ),
            (
                "sourceSettings/fileSourceSettings/convert608To708",
                Harmless("captions of files are not written as 608 or 708"),
            ),
            (
                "sourceSettings/fileSourceSettings/byteRateLimit",
                Harmless("captions of files are not written as 608 or 708"),
            ),
            (
                "sourceSettings/fileSourceSettings/upconvertSTLToTeletext",
                Harmless("teletext is not written"),
            ),
            (
                "sourceSettings/embeddedSourceSettings/source608ChannelNumber",
                Approximated(
                    "CC1 to CC4, or where one says nothing, the service of CEA-708 with its number",
                ),
            ),
            (
                "sourceSettings/embeddedSourceSettings/source608TrackNumber",
                Harmless("there is only one picture track"),
            ),
            (
                "sourceSettings/embeddedSourceSettings/convert608To708",
                Only(&["DISABLED"]),
            ),
            (
                "sourceSettings/embeddedSourceSettings/terminateCaptions",
                Only(&["END_OF_INPUT"]),
            ),
            (
                "sourceSettings/ancillarySourceSettings/sourceAncillaryChannelNumber",
                Approximated("CC1 to CC4 of a QuickTime track of CEA-608; MXF is not read"),
            ),
            (
                "sourceSettings/ancillarySourceSettings/convert608To708",
                Only(&["DISABLED"]),
            ),
            (
                "sourceSettings/ancillarySourceSettings/terminateCaptions",
                Only(&["END_OF_INPUT"]),
            ),
            ("sourceSettings/trackSourceSettings/trackNumber", Honoured),
            ("sourceSettings/trackSourceSettings/streamNumber", Honoured),
            (
                "sourceSettings/webvttHlsSourceSettings",
                Refused("HLS inputs are not supported"),
            ),
        ],
    },
    Group {
        place: "outputGroups/*/outputs/*/captionDescriptions/*",
        fields: &[
            ("captionSelectorName", Honoured),
            ("languageCode", Honoured),
            ("customLanguageCode", Honoured),
            ("languageDescription", Honoured),
            (
                "destinationSettings/destinationType",
                Among(&["WEBVTT", "SRT", "TTML", "IMSC", "EMBEDDED", "BURN_IN"]),
            ),
            (
                "destinationSettings/webvttDestinationSettings/accessibility",
                Honoured,
            ),
            (
                "destinationSettings/webvttDestinationSettings/stylePassthrough",
                Approximated(
                    "ENABLED: bold, italic, underlined, line, position and alignment; STRICT: text, settings and STYLE blocks of a WebVTT source, without regions",
                ),
            ),
            (
                "destinationSettings/imscDestinationSettings/accessibility",
                Honoured,
            ),
            (
                "destinationSettings/imscDestinationSettings/stylePassthrough",
                Approximated("bold, italic, underlined, colour and place"),
            ),
            (
                "destinationSettings/srtDestinationSettings/stylePassthrough",
                Approximated("bold, italic and underlined"),
            ),
            (
                "destinationSettings/ttmlDestinationSettings",
                Approximated(
                    "the look of all text is written as set; of the source's own: bold, italic, underlined, colour and place",
                ),
            ),
            (
                "destinationSettings/burninDestinationSettings/alignment",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/backgroundColor",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/backgroundOpacity",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/fallbackFont",
                Approximated(
                    "DejaVu Sans, Serif or Sans Mono, or what fontconfig has in their place",
                ),
            ),
            (
                "destinationSettings/burninDestinationSettings/fontColor",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/hexFontColor",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/fontOpacity",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/fontSize",
                Approximated("left out or 0: a twentieth of the height"),
            ),
            (
                "destinationSettings/burninDestinationSettings/outlineColor",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/outlineSize",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/shadowColor",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/shadowOpacity",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/shadowXOffset",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/shadowYOffset",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/stylePassthrough",
                Approximated("bold, italic, underlined, colour and place"),
            ),
            (
                "destinationSettings/burninDestinationSettings/teletextSpacing",
                Harmless("teletext is not read"),
            ),
            (
                "destinationSettings/burninDestinationSettings/xPosition",
                Honoured,
            ),
            (
                "destinationSettings/burninDestinationSettings/yPosition",
                Honoured,
            ),
            (
                "destinationSettings/embeddedDestinationSettings",
                Harmless("608 and 708 of the source stay in the channels where they are"),
            ),
        ],
    },
];
