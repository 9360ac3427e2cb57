//! All integration tests in one binary: stories over HTTP, one file per room, and the sweeps.
