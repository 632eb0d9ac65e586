//! AWS API exceptions: codes and texts.
