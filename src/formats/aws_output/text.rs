//! `--output text`: tab-separated lines (cli 3.5).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::RenderError;
use crate::formats::ordered::{self, set_of};
use crate::formats::python;

/// The lines of a result, each with its newline; nothing for an empty list or object.
///
/// Fails if a list has objects and other items side by side, as the real tool does: after the lines before it.
pub fn render(value: &Value) -> Result<String, RenderError> {
    let mut out = String::new();
    let written = match value {
        Value::Object(members) => write_object(&mut out, members, None, None),
        Value::Array(items) => write_list(&mut out, items, None),
        scalar => {
            line(&mut out, &[python::str(scalar)]);
            Ok(())
        }
    };
    match written {
        Ok(()) => Ok(out),
        Err(error) => Err(RenderError { printed: out, ..error }),
    }
}

fn write_list(out: &mut String, items: &[Value], name: Option<&str>) -> Result<(), RenderError> {
    if items.iter().any(Value::is_object) {
        let columns = scalar_names(items)?;
        for item in items {
            if let Value::Object(members) = item {
                write_object(out, members, name, Some(&columns))?;
            }
        }
        return Ok(());
    }
    let (lists, scalars): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_array());
    match name {
        _ if scalars.is_empty() => {}
        Some(name) => scalars.iter().for_each(|item| line(out, &[name.to_uppercase(), python::str(item)])),
        None => line(out, &scalars.into_iter().map(python::str).collect::<Vec<_>>()),
    }
    lists.into_iter().filter_map(Value::as_array).try_for_each(|list| write_list(out, list, name))
}

/// One line for the scalar members, then everything else below it.
///
/// `columns` are the members of all objects of the same list that are scalar somewhere; missing ones stay empty.
fn write_object(
    out: &mut String,
    members: &Map<String, Value>,
    name: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
) -> Result<(), RenderError> {
    let own = set_of(members.iter().filter(|(_, v)| is_scalar(v)).map(|(name, _)| name.as_str()));
    let columns = columns.unwrap_or(&own);
    if !columns.is_empty() {
        let values = columns.iter().map(|column| members.get(*column).map_or_else(String::new, python::str));
        line(out, &name.map(str::to_uppercase).into_iter().chain(values).collect::<Vec<_>>());
    }
    for (name, value) in ordered::members(members) {
        match value {
            _ if columns.contains(name.as_str()) => {}
            Value::Object(members) => write_object(out, members, Some(name), None)?,
            Value::Array(items) => write_list(out, items, Some(name))?,
            _ => {}
        }
    }
    Ok(())
}

fn scalar_names(items: &[Value]) -> Result<BTreeSet<&str>, RenderError> {
    let mut names = BTreeSet::new();
    for item in items {
        let Value::Object(members) = item else {
            return Err(RenderError::new(format!("'{}' object has no attribute 'items'", python::type_name(item))));
        };
        names.extend(members.iter().filter(|(_, value)| is_scalar(value)).map(|(name, _)| name.as_str()));
    }
    Ok(names)
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn line(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join("\t"));
    out.push('\n');
}
