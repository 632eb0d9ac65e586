//! Operations of a service: options → input → call → `--query` → `--output`.

use serde_json::{Map, Value};

use super::args::{self, Positional};
use super::globals::Globals;
use super::model::{Operation, Service};
use super::paging::{self, Pages};
use super::usage::Failure;
use super::{Outcome, help, params, profile, region, skeleton, validate};
use crate::aws::exception::Exception;
use crate::engine::{ApiError, AwsRequest, Caller, Credential, Request, Response, tokens};
use crate::formats::aws_output::{self, Format};
use crate::formats::query::Query;
use crate::shell::context::{CommandOutput, Context};
use crate::shell::profiles::{Profile, assumed};

/// Runs an operation with the words behind it.
pub fn run(
    service: &Service,
    operation: &'static Operation,
    words: &[String],
    globals: &Globals,
    ctx: &mut Context<'_>,
) -> Outcome {
    if words == ["help"] {
        return Ok(CommandOutput::ok(help::operation(service, operation)));
    }
    let parsed = parse(operation, words)?;
    let input = params::input(operation, &parsed, ctx.session.workstation())?;
    match parsed.value("--generate-cli-skeleton") {
        Some("input") => {
            let shown = skeleton::input(operation.input);
            return Ok(CommandOutput::ok(crate::formats::json::aws_pretty(&shown) + "\n"));
        }
        Some("yaml-input") => return Ok(CommandOutput::ok(skeleton::yaml(operation.input))),
        _ => {}
    }
    let as_json = params::given_as_json(operation, &parsed);
    let plan = paging::plan(operation, &parsed, &input, globals.paginate)?;
    let profile = profile(globals, ctx)?;
    let format = format(globals, &profile);
    if parsed.value("--generate-cli-skeleton") == Some("output") {
        check(operation, &input, &as_json)?;
        let format = format?;
        let pages = paging::single(skeleton::output(operation.output, format));
        let shown = show(operation, None, &pages, globals, format)?;
        return Ok(CommandOutput { stdout: skeleton::plain_times(&shown.stdout, format), ..shown });
    }
    let region = match (service.name, service.regional) {
        (_, true) => Some(region(globals, &profile)?),
        // STS has regional endpoints: it needs to be told one, and answers the same in all.
        ("sts", false) => region(globals, &profile).map(|_| None)?,
        _ => None,
    };
    let credential = credential(&profile, globals, ctx)?;
    let caller = Caller::new(credential);
    let mut hint = None;
    let mut make = |input: Map<String, Value>| {
        check(operation, &input, &as_json)?;
        let answer = call(operation, input, &caller, region.as_deref(), ctx, &mut hint);
        answer.map_err(|exception| Failure::Service(exception, operation.name))
    };
    let outcome = match &plan {
        Some((paging, plan)) => paging::fetch(paging, plan, &input, &mut make)
            .and_then(|pages| show(operation, Some(paging), &pages, globals, format?)),
        None => make(input).and_then(|page| show(operation, None, &paging::single(page), globals, format?)),
    };
    // A remark is worth most when the call failed.
    match (outcome, hint) {
        (outcome, None) => outcome,
        (Ok(output), hint) => Ok(CommandOutput { hint, ..output }),
        (Err(failure), hint) => Ok(CommandOutput { hint, ..failure.output(globals.error_format) }),
    }
}

/// Parses the words of an operation; nothing may be left over (cli 1.5).
///
/// # Errors
/// Words that do not fit.
pub fn parse(operation: &Operation, words: &[String]) -> Result<args::Parsed, Failure> {
    let mut options = params::options(operation);
    if params::lifts_required(words) {
        for option in &mut options {
            option.required = false;
        }
    }
    let help = Positional { name: "help", optional: true, choices: Vec::new() };
    let parsed = args::parse(words, &options, &[help]).map_err(Failure::Grammar)?;
    // The first stray word was taken for `help`; it is named after the others.
    let stray: Vec<String> = parsed.rest.iter().cloned().chain(parsed.positional("help").map(str::to_owned)).collect();
    if stray.is_empty() { Ok(parsed) } else { Err(Failure::Unknown(stray)) }
}

/// The output format: option, environment, profile.
///
/// # Errors
/// A configured word that is none.
pub fn format(globals: &Globals, profile: &Profile) -> Result<Format, Failure> {
    match (globals.output, &profile.output) {
        (Some(format), _) => Ok(format),
        (None, Some(name)) => Format::parse(name).ok_or_else(|| Failure::Other(format!("Unknown output type: {name}"))),
        (None, None) => Ok(Format::default()),
    }
}

/// What calls are signed with.
///
/// # Errors
/// Nothing is configured; a role of the profile cannot be assumed.
pub fn credential(profile: &Profile, globals: &Globals, ctx: &Context<'_>) -> Result<Credential, Failure> {
    if !globals.sign {
        return Ok(Credential::Anonymous);
    }
    let credential = profile.credential.clone().ok_or_else(|| {
        Failure::Configuration(
            "NoCredentials",
            "Unable to locate credentials. You can configure credentials by running \"aws login\".".to_owned(),
        )
    })?;
    // The real client gets the credentials of a profile's role before the call, and fails in that operation.
    let before = match credential {
        Credential::AssumedRole { .. } => Some("AssumeRole"),
        Credential::IdentityCenter { .. } => Some("GetRoleCredentials"),
        _ => None,
    };
    if let Some(operation) = before {
        ctx.session.world().identify(&credential).map_err(|error| Failure::Service(error, operation))?;
    }
    Ok(credential)
}

fn check(operation: &Operation, input: &Map<String, Value>, as_json: &[&str]) -> Result<(), Failure> {
    let findings = validate::findings(&Value::Object(input.clone()), operation.input, as_json);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Value(format!("Parameter validation failed:\n{}", findings.join("\n"))))
    }
}

/// Makes a call for a command that is written by hand.
///
/// # Errors
/// The service's exception.
pub fn ask(
    operation: &Operation,
    input: Map<String, Value>,
    caller: &Caller,
    region: &str,
    ctx: &mut Context<'_>,
) -> Result<Value, Exception> {
    call(operation, input, caller, Some(region), ctx, &mut None)
}

/// Makes the call with what of the input counts in the simulated world.
fn call(
    operation: &Operation,
    input: Map<String, Value>,
    caller: &Caller,
    region: Option<&str>,
    ctx: &mut Context<'_>,
    hint: &mut Option<String>,
) -> Result<Value, Exception> {
    let inert = |name: &str| operation.member(name).is_some_and(|member| member.inert);
    let (ignored, kept): (Map<_, _>, Map<_, _>) = input.into_iter().partition(|(name, _)| inert(name));
    let prefix = ignored.get("PathPrefix").and_then(Value::as_str).map(str::to_owned);
    let ignored: Vec<&str> = ignored.keys().map(String::as_str).filter(|n| *n != "PathPrefix").collect();
    if !ignored.is_empty() {
        *hint = Some(format!("Without effect in this simulation: {}.", ignored.join(", ")));
    }
    if let Some(region) = region.filter(|region| *region != ctx.session.world().region) {
        let home = ctx.session.world().region.clone();
        if operation.name != "ListAccessPolicies" {
            *hint = Some(format!("The clusters of this simulation are in {home}; the command asked {region}."));
            return elsewhere(operation, &kept);
        }
    }
    let for_token = kept.clone();
    let request = AwsRequest::from_parts(operation.name, Value::Object(kept));
    // The table and the API shapes are held together by a test; what passed validation is understood.
    let request = request.map_err(|error| Exception::validation(error.to_string()))?;
    match ctx.session.call(caller, Request::Aws(request)) {
        Ok(Response::Aws(answer)) => Ok(finish(operation, answer, caller, &for_token, prefix.as_deref())),
        Ok(_) => Ok(Value::Null),
        Err(ApiError::Aws(exception)) => Err(exception),
        Err(ApiError::Kube(status)) => Err(Exception::validation(status.message)),
    }
}

/// What a region without clusters answers.
fn elsewhere(operation: &Operation, input: &Map<String, Value>) -> Result<Value, Exception> {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    match operation.name {
        "ListClusters" => Ok(serde_json::json!({ "clusters": [] })),
        _ => Err(match text("clusterName").or_else(|| text("name")) {
            Some(cluster) if ["DescribeCluster", "UpdateClusterConfig"].contains(&operation.name) => {
                Exception::no_cluster(cluster).with_cluster(cluster)
            }
            Some(cluster) => Exception::no_cluster(cluster),
            None => Exception::no_resource(text("resourceArn").unwrap_or_default()),
        }),
    }
}

/// What the client adds to or takes from an answer.
fn finish(
    operation: &Operation,
    mut answer: Value,
    caller: &Caller,
    input: &Map<String, Value>,
    prefix: Option<&str>,
) -> Value {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let source = || caller.credential.clone();
    let handed_out = match operation.name {
        "AssumeRole" => Some(assumed(source(), text("RoleArn"), text("RoleSessionName"))),
        "GetFederationToken" => Some(Credential::FederatedUser {
            source: Box::new(source()),
            name: text("Name").to_owned(),
            policy: ["Policy", "PolicyArns"].iter().any(|member| input.contains_key(*member)),
        }),
        _ => None,
    };
    if let (Some(credential), Some(token)) = (handed_out, answer.pointer_mut("/Credentials/SessionToken")) {
        *token = tokens::of_session(&credential).into();
    }
    if let (Some(prefix), Some(paging)) = (prefix, operation.paging)
        && let Some(items) = answer.get_mut(paging.result).and_then(Value::as_array_mut)
    {
        items.retain(|item| item.get("Path").and_then(Value::as_str).is_some_and(|path| path.starts_with(prefix)));
    }
    answer
}

fn show(
    operation: &Operation,
    paging: Option<&super::model::Paging>,
    pages: &Pages,
    globals: &Globals,
    format: Format,
) -> Outcome {
    let results = match (paging, format) {
        (Some(paging), Format::Text) => paging::text_results(paging, pages),
        (Some(_), Format::YamlStream) | (None, _) => pages.pages.clone(),
        (Some(paging), _) => vec![paging::merge(paging, pages)],
    };
    let mut out = String::new();
    for result in &results {
        match render(result, globals.query.as_ref(), format, operation.name) {
            Ok(text) => out.push_str(&text),
            Err(Failure::After(text, failure)) => return Err(Failure::After(out + &text, failure)),
            Err(failure) => return Err(Failure::After(out, Box::new(failure))),
        }
    }
    Ok(CommandOutput::ok(out))
}

/// A result as the command prints it.
///
/// # Errors
/// A query that cannot be computed, a result that cannot be drawn.
pub fn render(result: &Value, query: Option<&Query>, format: Format, title: &str) -> Result<String, Failure> {
    // An operation without output is not queried.
    let is_empty = result.as_object().is_some_and(Map::is_empty);
    let shown = match query.filter(|_| !is_empty) {
        Some(query) => query.search(result).map_err(|error| Failure::Other(error.to_string()))?,
        None => result.clone(),
    };
    aws_output::render(&shown, format, title)
        .map_err(|error| Failure::After(error.printed, Box::new(Failure::Other(error.message))))
}
