//! `-o custom-columns=NAME:.metadata.name,...` of kubectl (cli 13.4).

use serde_json::Value;

use super::go_values;
use super::jsonpath::{Template, TemplateError};
use super::table::{Columns, align_rows};

/// A parsed column list.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomColumns {
    columns: Vec<(String, Template)>,
}

/// Why a column list cannot be used; shown after `error: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomColumnsError {
    /// `-o custom-columns=` without columns.
    #[error("custom-columns format specified but no custom columns given")]
    Empty,
    /// A column without a path.
    #[error("unexpected custom-columns spec: {0}, expected <header>:<json-path-expr>")]
    NoPath(String),
    /// A path that cannot be read.
    #[error(transparent)]
    Path(#[from] TemplateError),
    /// A path that does not fit an object.
    #[error("{0}")]
    Execution(String),
}

impl CustomColumns {
    /// Reads `HEADER:path,HEADER:path`; paths need neither braces nor the first dot.
    pub fn parse(spec: &str) -> Result<Self, CustomColumnsError> {
        if spec.is_empty() {
            return Err(CustomColumnsError::Empty);
        }
        let column = |part: &str| {
            let (header, path) = part.split_once(':').ok_or_else(|| CustomColumnsError::NoPath(part.to_owned()))?;
            let template = Template::parse_relaxed(path).map_err(|error| match error {
                // Here kubectl does not say that a JSONPath is meant.
                TemplateError::Syntax { message, .. } => CustomColumnsError::Execution(message),
                other => other.into(),
            })?;
            Ok((header.to_owned(), template))
        };
        spec.split(',').map(column).collect::<Result<_, _>>().map(|columns| Self { columns })
    }

    /// Reads a file of two lines: headers, then paths, separated by blanks.
    pub fn parse_file(text: &str) -> Result<Self, CustomColumnsError> {
        let mut lines = text.lines();
        let mut words = |what: &str| match lines.next() {
            Some(line) => Ok(line.split_whitespace().map(str::to_owned).collect::<Vec<String>>()),
            None => Err(CustomColumnsError::Execution(format!(
                "invalid template, missing {what} line. Expected format is one line of space separated headers, one line of space separated column specs."
            ))),
        };
        let (headers, paths) = (words("header")?, words("spec")?);
        if headers.len() != paths.len() {
            return Err(CustomColumnsError::Execution(format!(
                "number of headers ({}) and field specifications ({}) don't match",
                headers.len(),
                paths.len()
            )));
        }
        let column = |(header, path): (String, String)| Ok((header, Template::parse_relaxed(&path)?));
        headers.into_iter().zip(paths).map(column).collect::<Result<_, _>>().map(|columns| Self { columns })
    }

    /// The table of the objects. What an object does not have is `<none>`, several results are joined by commas.
    pub fn print(&self, objects: &[Value], with_header: bool) -> Result<String, CustomColumnsError> {
        let mut rows = Vec::new();
        if with_header {
            rows.push(self.columns.iter().map(|(header, _)| header.clone()).collect());
        }
        for object in objects {
            let cells = self.columns.iter().map(|(_, template)| cell(template, object));
            rows.push(cells.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(align_rows(Columns::GET, rows))
    }
}

fn cell(template: &Template, object: &Value) -> Result<String, CustomColumnsError> {
    let parts = template.find(object).map_err(|error| match error {
        TemplateError::Execution { message, .. } => CustomColumnsError::Execution(message),
        other => other.into(),
    })?;
    let mut texts = Vec::new();
    if parts.first().is_none_or(Vec::is_empty) {
        texts.push("<none>".to_owned());
    }
    texts.extend(parts.iter().flatten().map(go_values::print));
    Ok(texts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn recorded_columns() {
        let pod = |namespace: &str, name: &str| json!({"metadata": {"namespace": namespace, "name": name}});
        let columns = CustomColumns::parse("NS:.metadata.namespace,NAME:.metadata.name").unwrap();
        let pods = [pod("default", "web"), pod("dev", "api")];
        assert_eq!(columns.print(&pods, true).unwrap(), "NS        NAME\ndefault   web\ndev       api\n");
        assert_eq!(columns.print(&pods, false).unwrap(), "default   web\ndev       api\n");
    }

    #[test]
    fn cells_show_any_value() {
        let object = json!({"a": {"y": 1, "x": [1, "t"]}, "n": null, "l": [{"v": 1}, {"v": 2}]});
        let check = |path: &str, expected: &str| {
            let table = CustomColumns::parse(&format!("H:{path}"))
                .unwrap()
                .print(std::slice::from_ref(&object), false)
                .unwrap();
            assert_eq!(table, format!("{expected}\n"));
        };
        check(".a", "map[x:[1 t] y:1]");
        check("a.y", "1");
        check("{.n}", "<nil>");
        check("l[*].v", "1,2");
        check(".nothing", "<none>");
    }

    #[test]
    fn columns_of_a_file() {
        let columns = CustomColumns::parse_file("NAME   NS\nmetadata.name {.metadata.namespace}\n").unwrap();
        let pod = json!({"metadata": {"namespace": "dev", "name": "web"}});
        assert_eq!(columns.print(&[pod], true).unwrap(), "NAME   NS\nweb    dev\n");
        assert_eq!(
            CustomColumns::parse_file("A B\n.a").unwrap_err().to_string(),
            "number of headers (2) and field specifications (1) don't match"
        );
    }

    #[test]
    fn malformed_columns() {
        let check = |spec: &str, expected: &str| {
            assert_eq!(CustomColumns::parse(spec).unwrap_err().to_string(), expected);
        };
        check("", "custom-columns format specified but no custom columns given");
        check("NAME", "unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>");
        check(
            "A:{.x}{.y}",
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
        );
    }
}
