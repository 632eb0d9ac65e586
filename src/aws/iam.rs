//! IAM principals: users, roles, their unique ids and paths.
