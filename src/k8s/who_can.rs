//! The reverse question: which subjects may do something (rbac 10).
