//! `kubectl config`: looking, switching, deleting (cli 15).

use serde_json::{Value, json};

use crate::formats::table::{Columns, align_rows};
use crate::shell::kubeconfig::Kubeconfig;

use super::failure::{Failure, local, usage};
use super::flags::Parsed;
use super::help;
use super::printers::{self, Allowed};
use super::tool::{Outcome, Tool};

/// Changes the files: reads them, lets `change` work on them, writes what differs.
///
/// # Errors
/// Those of `change`, and of reading and writing.
pub fn edit<T>(
    tool: &mut Tool<'_, '_>,
    change: impl FnOnce(&mut Kubeconfig) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let before = tool.config()?.clone();
    let mut after = before.clone();
    let done = change(&mut after)?;
    after.save(tool.ctx, &before)?;
    Ok(done)
}

/// The one argument that a command takes; otherwise its help and a complaint.
///
/// # Errors
/// None, or several.
pub fn one_argument<'p>(tool: &mut Tool<'_, '_>, parsed: &'p Parsed) -> Result<&'p str, Failure> {
    match parsed.args.as_slice() {
        [one] => Ok(one),
        args => {
            help::print(tool, parsed);
            Err(local(format!("Unexpected args: [{}]", args.join(" "))))
        }
    }
}

/// The file that is named in messages.
fn file_name(tool: &mut Tool<'_, '_>) -> Result<String, Failure> {
    let file = tool.config()?.default_file().to_owned();
    Ok(tool.ctx.session.workstation().resolve(&file))
}

/// `config current-context`
///
/// # Errors
/// There is none.
pub fn current_context(tool: &mut Tool<'_, '_>, _: &Parsed) -> Outcome {
    let current = tool.config()?.current_context().to_owned();
    if current.is_empty() {
        return Err(local("current-context is not set"));
    }
    tool.say(current);
    Ok(())
}

/// `config use-context`
///
/// # Errors
/// No such context.
pub fn use_context(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_argument(tool, parsed)?;
    if name.is_empty() {
        return Err(local("empty context names are not allowed"));
    }
    edit(tool, |config| {
        if config.entry("contexts", name).is_none() {
            return Err(local(format!("no context exists with the name: {name:?}")));
        }
        config.set_current(name);
        Ok(())
    })?;
    tool.say(format!("Switched to context {name:?}."));
    Ok(())
}

/// `config get-contexts`
///
/// # Errors
/// Contexts that do not exist.
pub fn get_contexts(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let names_only = match parsed.text_or_empty("output") {
        "" => false,
        "name" => true,
        other => {
            return Err(local(format!(
                "--output {other} is not available in kubectl config get-contexts; resetting to default output format"
            )));
        }
    };
    let config = tool.config()?;
    let contexts = config.entries("contexts");
    let current = config.current_context();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut missing = Vec::new();
    let wanted: Vec<&str> = if parsed.args.is_empty() {
        contexts.keys().copied().collect()
    } else {
        parsed.args.iter().map(String::as_str).collect()
    };
    for name in wanted {
        let Some(context) = contexts.get(name) else {
            missing.push(local(format!("context {name} not found")));
            continue;
        };
        let text = |member: &str| context.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mark = if name == current { "*" } else { "" };
        rows.push(vec![mark.to_owned(), name.to_owned(), text("cluster"), text("user"), text("namespace")]);
    }
    if names_only {
        let names: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().nth(1)).collect();
        names.iter().for_each(|name| tool.say(name));
        return super::failure::all(missing);
    }
    if !parsed.switch("no-headers") {
        rows.insert(0, ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"].map(str::to_owned).into());
    }
    tool.out.push_str(&align_rows(Columns::GET, rows));
    super::failure::all(missing)
}

/// `config get-clusters`
///
/// # Errors
/// Unreadable files.
pub fn get_clusters(tool: &mut Tool<'_, '_>, _: &Parsed) -> Outcome {
    names(tool, "clusters")
}

/// `config get-users`
///
/// # Errors
/// Unreadable files.
pub fn get_users(tool: &mut Tool<'_, '_>, _: &Parsed) -> Outcome {
    names(tool, "users")
}

fn names(tool: &mut Tool<'_, '_>, section: &str) -> Outcome {
    let names: Vec<String> = tool.config()?.entries(section).into_keys().map(str::to_owned).collect();
    tool.say("NAME");
    names.iter().for_each(|name| tool.say(name));
    Ok(())
}

/// `config delete-context`
///
/// # Errors
/// No such context.
pub fn delete_context(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let was_current = parsed.args.first().map(String::as_str) == Some(tool.config()?.current_context());
    delete(tool, parsed, "contexts", "context")?;
    if was_current {
        tool.complain(
            "warning: this removed your active context, use \"kubectl config use-context\" to select a different one",
        );
    }
    Ok(())
}

/// `config delete-cluster`
///
/// # Errors
/// No such cluster.
pub fn delete_cluster(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    delete(tool, parsed, "clusters", "cluster")
}

/// `config delete-user`
///
/// # Errors
/// No such user.
pub fn delete_user(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    delete(tool, parsed, "users", "user")
}

fn delete(tool: &mut Tool<'_, '_>, parsed: &Parsed, section: &'static str, one: &str) -> Outcome {
    let [name] = parsed.args.as_slice() else {
        help::print(tool, parsed);
        return Ok(());
    };
    let file = file_name(tool)?;
    edit(tool, |config| {
        if config.entry(section, name).is_none() {
            return Err(local(format!("cannot delete {one} {name}, not in {file}")));
        }
        config.put(section, name, None);
        Ok(())
    })?;
    tool.say(format!("deleted {one} {name} from {file}"));
    Ok(())
}

/// `config rename-context`
///
/// # Errors
/// The old name does not exist, or the new one does.
pub fn rename_context(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let [old, new] = parsed.args.as_slice() else {
        help::print(tool, parsed);
        return Err(local(format!("Unexpected args: [{}]", parsed.args.join(" "))));
    };
    let file = file_name(tool)?;
    edit(tool, |config| {
        let Some(context) = config.entry("contexts", old).cloned() else {
            return Err(local(format!("cannot rename the context {old:?}, it's not in {file}")));
        };
        if config.entry("contexts", new).is_some() {
            return Err(local(format!(
                "cannot rename the context {old:?}, the context {new:?} already exists in {file}"
            )));
        }
        config.put("contexts", old, None);
        config.put("contexts", new, Some(context));
        if config.current_context() == old {
            config.set_current(new);
        }
        Ok(())
    })?;
    tool.say(format!("Context {old:?} renamed to {new:?}."));
    Ok(())
}

/// `config view` (cli 15.3)
///
/// # Errors
/// Bad formats; with `--minify`, no current context; with `--flatten`, files that do not exist.
pub fn view(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(usage("kubectl config view", &format!("unexpected arguments: [{}]", parsed.args.join(" "))));
    }
    let format = match parsed.text_or_empty("output") {
        "" => printers::Format::Yaml,
        _ => printers::format(tool, parsed, Allowed::Objects)?.unwrap_or(printers::Format::Yaml),
    };
    let overrides = tool.overrides.clone();
    let mut config = tool.config()?.clone();
    if parsed.switch("minify") {
        config = config.minified(&overrides)?;
    }
    if parsed.switch("flatten") {
        config = config.flattened(tool.ctx)?;
    }
    let mut document = config.document();
    if !parsed.switch("raw") && !parsed.switch("flatten") {
        hide_secrets(&mut document);
    }
    printers::print(tool, &format, &document)
}

fn hide_secrets(document: &mut Value) {
    const HIDDEN: [(&str, &str, &str); 5] = [
        ("clusters", "/cluster/certificate-authority-data", "DATA+OMITTED"),
        ("users", "/user/client-certificate-data", "DATA+OMITTED"),
        ("users", "/user/client-key-data", "DATA+OMITTED"),
        ("users", "/user/token", "REDACTED"),
        ("users", "/user/password", "REDACTED"),
    ];
    for (section, pointer, text) in HIDDEN {
        let entries = document.get_mut(section).and_then(Value::as_array_mut).into_iter().flatten();
        for secret in entries.filter_map(|entry| entry.pointer_mut(pointer)) {
            *secret = json!(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden() {
        let mut document = json!({"users": [{"name": "u", "user": {"token": "t"}}], "clusters": null});
        hide_secrets(&mut document);
        assert_eq!(document["users"][0]["user"]["token"], "REDACTED");
    }
}
