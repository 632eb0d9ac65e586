//! `--query`: JMESPath as the AWS CLI has it, on values whose members keep their order (cli 3.7).
//!
//! Written for this project because order and error texts are part of the output: objects come out in the order of the
//! input, multiselect hashes in the order of the expression, and every message is that of the Python implementation
//! (jmespath 1.x) which the CLI carries, with whose answers this one was compared.

mod eval;
mod functions;
mod lex;
mod parse;

use serde_json::Value;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    root: parse::Node,
}

/// Why a query cannot be read or computed, in the CLI's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The expression is malformed; shown as a parameter error.
    #[error("Bad value for --query {expression}: {message}")]
    Syntax {
        /// The expression as typed.
        expression: String,
        /// What is wrong with it; may have several lines, the last one with a caret.
        message: String,
    },
    /// The expression cannot be computed for this result.
    #[error("{0}")]
    Runtime(String),
}

impl QueryError {
    /// The exit code of the command: 252 for a malformed expression, 255 for a failed one.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Syntax { .. } => 252,
            Self::Runtime(_) => 255,
        }
    }
}

impl Query {
    /// Reads an expression; fails with the caret message of the real tool.
    pub fn parse(expression: &str) -> Result<Self, QueryError> {
        let syntax = |message| QueryError::Syntax { expression: expression.to_owned(), message };
        if expression.is_empty() {
            return Err(syntax("Invalid JMESPath expression: cannot be empty.".to_owned()));
        }
        let tokens = lex::tokens(expression).map_err(syntax)?;
        parse::parse(expression, &tokens).map(|root| Self { root }).map_err(syntax)
    }

    /// Applies the expression to a result. What is not there is null.
    pub fn search(&self, value: &Value) -> Result<Value, QueryError> {
        eval::evaluate(&self.root, value).map_err(QueryError::Runtime)
    }
}

#[cfg(test)]
mod tests;
