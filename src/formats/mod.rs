//! Text formats. Nothing here knows EKS or RBAC.

pub mod arn;
pub mod aws_output;
pub mod cost;
pub mod custom_columns;
pub mod go_template;
pub mod go_text;
pub mod go_values;
pub mod json;
pub mod jsonpath;
pub mod md5;
pub mod ordered;
pub mod python;
pub mod python_json;
pub mod query;
pub mod sha256;
pub mod table;
pub mod time;
pub mod yaml;
