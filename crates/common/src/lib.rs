//! What the functions of the pipeline share.
