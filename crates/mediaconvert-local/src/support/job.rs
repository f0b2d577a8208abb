//! The job as a whole.

use super::Group;
use super::Support::Harmless;

pub(super) const GROUPS: &[Group] = &[Group {
    place: "",
    fields: &[
        (
            "adAvailOffset",
            Harmless("only for ad markers, which are not written"),
        ),
        (
            "timecodeConfig/source",
            Harmless("timecodes are not written"),
        ),
        (
            "timecodeConfig/anchor",
            Harmless("timecodes are not written"),
        ),
        (
            "timecodeConfig/start",
            Harmless("timecodes are not written"),
        ),
    ],
}];
