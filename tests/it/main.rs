//! All integration tests in one binary: stories over HTTP, one file per room, and the sweeps.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops here")]

mod tidy;
