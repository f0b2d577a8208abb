//! The job as a whole.

use super::Group;
use super::Support::{Harmless, Honoured, Only};

pub(super) const GROUPS: &[Group] = &[Group {
    place: "",
    fields: &[
        (
            "adAvailOffset",
            Harmless("only for ad markers, which are not written"),
        ),
        ("followSource", Only(&["1"])),
        ("timecodeConfig/source", Honoured),
        (
            "timecodeConfig/anchor",
            Harmless("timecodes are not written"),
        ),
        ("timecodeConfig/start", Honoured),
    ],
}];
