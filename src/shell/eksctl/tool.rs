//! One run of eksctl: what it printed, the cluster it works on, and the calls it makes.
//!
//! Wrappings of errors are those of eksctl and of the AWS SDK for Go; request ids are invented.

use serde_json::{Value, json};

use super::flags::Parsed;
use super::printer::Format;
use super::stack;
use crate::aws::eks::AuthenticationMode;
use crate::aws::exception::Exception;
use crate::aws::iam::serial_of;
use crate::engine::request::GroupResource;
use crate::engine::world::uuid;
use crate::engine::{ApiError, AwsRequest, Caller, Credential, KubeRequest, KubeResponse, Request, Response};
use crate::k8s::status::{Reason, Status};
use crate::shell::context::Context;
use crate::shell::profiles;

/// How a command ends: well, or with what follows `Error: `.
pub type Outcome<T = ()> = Result<T, String>;

/// How long eksctl waits between two looks at an update, in milliseconds (inferred).
const POLL_MILLIS: i64 = 15_000;
/// How often it looks before it gives up: 25 minutes.
const POLLS: usize = 100;

/// The weight of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `ℹ`
    Info,
    /// `!`
    Warning,
    /// `✖`
    Critical,
    /// `✔`
    Success,
}

/// Who works, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What calls are signed with.
    pub caller: Caller,
    /// The caller's ARN.
    pub arn: String,
    /// The region.
    pub region: String,
    /// The profile that a flag or the environment names.
    pub profile: Option<String>,
}

/// A cluster that exists, and who works on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its authentication mode.
    pub mode: AuthenticationMode,
    /// Who works on it.
    pub account: Account,
}

/// One run.
pub struct Tool<'a, 'b> {
    /// World, files, environment, standard input.
    pub ctx: &'a mut Context<'b>,
    /// The flags.
    pub parsed: &'a Parsed,
    /// Standard output so far.
    pub out: String,
    /// Standard error so far.
    pub err: String,
    /// A remark of ours, not part of the imitated output.
    pub hint: Option<String>,
    /// The log goes to standard error, so that the output stays JSON or YAML.
    log_aside: bool,
}

impl<'a, 'b> Tool<'a, 'b> {
    /// A run with these flags.
    pub fn new(ctx: &'a mut Context<'b>, parsed: &'a Parsed) -> Self {
        Self { ctx, parsed, out: String::new(), err: String::new(), hint: None, log_aside: false }
    }

    /// Adds a line to the log: `2024-01-17 10:30:00 [ℹ]  text`, by the simulated clock.
    pub fn log(&mut self, level: Level, text: &str) {
        let sign = match level {
            Level::Info => "ℹ",
            Level::Warning => "!",
            Level::Critical => "✖",
            Level::Success => "✔",
        };
        let at = self.ctx.session.world().clock.kubernetes_text().replace('T', " ").replace('Z', "");
        // The original ends only what is one line.
        let end = if text.contains('\n') { "" } else { "\n" };
        let line = format!("{at} [{sign}]  {text}{end}");
        if self.log_aside { self.err.push_str(&line) } else { self.out.push_str(&line) }
    }

    /// Adds an ordinary line to the log.
    pub fn info(&mut self, text: impl AsRef<str>) {
        self.log(Level::Info, text.as_ref());
    }

    /// Adds a warning to the log.
    pub fn warn(&mut self, text: impl AsRef<str>) {
        self.log(Level::Warning, text.as_ref());
    }

    /// Adds a line about what was reached.
    pub fn success(&mut self, text: impl AsRef<str>) {
        self.log(Level::Success, text.as_ref());
    }

    /// Remarks that what was printed is worded by us, unless there is more to remark.
    pub fn inferred(&mut self) {
        self.hint.get_or_insert_with(|| "The wording of eksctl is inferred here; what was done is not.".to_owned());
    }

    /// The layout that `-o` asks for. Under JSON and YAML the log goes to standard error.
    ///
    /// # Errors
    /// No such layout.
    pub fn format(&mut self) -> Outcome<Format> {
        let format = Format::parse(self.parsed.text("output"))?;
        self.log_aside = format != Format::Table;
        Ok(format)
    }

    /// Who profile and environment say, and the region.
    ///
    /// # Errors
    /// No usable credentials.
    pub fn sign_in(&mut self, region: Option<&str>) -> Outcome<Account> {
        let profile = self.parsed.value("profile");
        let profile = profiles::resolve(self.ctx.session.workstation(), self.ctx.env, profile)
            .map_err(|error| format!("failed to load AWS config: {error}"))?;
        let access = "checking AWS STS access – cannot get role ARN for current session: operation error STS: \
                      GetCallerIdentity, ";
        let credential = profile.credential.clone().ok_or_else(|| {
            format!(
                "{access}get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found"
            )
        })?;
        let caller = Caller::new(credential.clone());
        let answer = call(self.ctx, &caller, "GetCallerIdentity", json!({})).map_err(|exception| match credential {
            Credential::AssumedRole { .. } => format!(
                "{access}get identity: get credentials: failed to refresh cached credentials, {}",
                self.framed("STS", "AssumeRole", &exception)
            ),
            _ => format!("{access}{}", self.response("STS", "GetCallerIdentity", &exception)),
        })?;
        let arn = answer.get("Arn").and_then(Value::as_str).unwrap_or_default().to_owned();
        let home = self.ctx.session.world().region.clone();
        let region = region.map(str::to_owned).or(profile.region).unwrap_or(home);
        Ok(Account { caller, arn, region, profile: profile.chosen })
    }

    /// The cluster of that name, as the identity of profile and environment sees it.
    ///
    /// # Errors
    /// No usable credentials, no such cluster.
    pub fn connect(&mut self, name: &str, region: Option<&str>) -> Outcome<Cluster> {
        let account = self.sign_in(region)?;
        let home = self.ctx.session.world().region.clone();
        let lost = |why: String| format!("unable to describe cluster control plane: {why}");
        if account.region != home {
            let asked = &account.region;
            self.hint = Some(format!("The clusters of this simulation are in {home}; the command asked {asked}."));
            return Err(lost(self.framed("EKS", "DescribeCluster", &Exception::no_cluster(name))));
        }
        let answer = self.must(&account.caller, "EKS", "DescribeCluster", json!({ "name": name })).map_err(lost)?;
        let mode = answer.pointer("/cluster/accessConfig/authenticationMode").and_then(Value::as_str);
        let mode = mode.and_then(AuthenticationMode::parse).unwrap_or(AuthenticationMode::ConfigMap);
        Ok(Cluster { name: name.to_owned(), mode, account })
    }

    /// Calls an operation of EKS.
    ///
    /// # Errors
    /// The service's exception, as the SDK words it.
    pub fn eks(&mut self, cluster: &Cluster, operation: &str, input: Value) -> Outcome<Value> {
        self.must(&cluster.account.caller, "EKS", operation, input)
    }

    /// Calls an operation of EKS, and gives the exception itself if it fails.
    ///
    /// # Errors
    /// The service's exception.
    pub fn try_aws(&mut self, cluster: &Cluster, operation: &str, input: Value) -> Result<Value, Exception> {
        self.call(&cluster.account.caller, operation, input)
    }

    /// Calls an operation, and gives the exception itself if it fails.
    ///
    /// # Errors
    /// The service's exception.
    pub fn call(&mut self, caller: &Caller, operation: &str, input: Value) -> Result<Value, Exception> {
        call(self.ctx, caller, operation, input)
    }

    /// An exception as the SDK words it.
    pub fn framed(&self, service: &str, operation: &str, exception: &Exception) -> String {
        format!("operation error {service}: {operation}, {}", self.response(service, operation, exception))
    }

    fn response(&self, service: &str, operation: &str, exception: &Exception) -> String {
        let id = request_id(self.ctx, operation);
        let Exception { code, status, message, .. } = exception;
        let modelled = ["EntityAlreadyExists", "NoSuchEntity"].contains(code)
            || service == "EKS" && code.ends_with("Exception") && *code != "UnrecognizedClientException";
        let before = if modelled { "" } else { "api error " };
        format!("https response error StatusCode: {status}, RequestID: {id}, {before}{code}: {message}")
    }

    /// Calls an operation of a service.
    ///
    /// # Errors
    /// The service's exception, as the SDK words it.
    pub fn must(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Outcome<Value> {
        call(self.ctx, caller, operation, input).map_err(|exception| self.framed(service, operation, &exception))
    }

    /// Calls the cluster's API server as the current IAM identity.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn kube(&mut self, cluster: &Cluster, request: KubeRequest) -> Result<Value, Status> {
        match self.ctx.session.call(&cluster.account.caller, Request::Kube { cluster: cluster.name.clone(), request }) {
            Ok(Response::Kube(KubeResponse::Object(object))) => Ok(object),
            Ok(_) => Ok(Value::Null),
            Err(ApiError::Kube(status)) => Err(status),
            Err(ApiError::Aws(exception)) => Err(Status::not_found("clusters", "", &exception.message)),
        }
    }

    /// Looks whether an object is there. That it is not is an answer, no failure of the command.
    ///
    /// # Errors
    /// Other refusals of the server.
    pub fn look_up(&mut self, cluster: &Cluster, request: KubeRequest) -> Result<Option<Value>, Status> {
        match self.kube(cluster, request) {
            Ok(object) => Ok(Some(object)),
            Err(Status { reason: Reason::NotFound, .. }) => {
                self.ctx.session.expect_refusal();
                Ok(None)
            }
            Err(status) => Err(status),
        }
    }

    /// True if a principal has an access entry with a stack of eksctl's. A refusal is a no.
    pub fn owns_entry(&mut self, cluster: &Cluster, principal: &str) -> bool {
        let input = json!({ "clusterName": cluster.name, "principalArn": principal });
        let entry = self.try_aws(cluster, "DescribeAccessEntry", input);
        if entry.is_err() {
            self.ctx.session.expect_refusal();
        }
        entry.is_ok_and(|entry| stack::owns(&entry))
    }

    /// The objects of a kind, in one namespace or all.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn kube_list(
        &mut self,
        cluster: &Cluster,
        resource: GroupResource,
        namespace: Option<String>,
    ) -> Outcome<Vec<Value>> {
        let (label_selector, field_selector) = (String::new(), String::new());
        let request = KubeRequest::List { resource, namespace, label_selector, field_selector };
        let request = Request::Kube { cluster: cluster.name.clone(), request };
        match self.ctx.session.call(&cluster.account.caller, request) {
            Ok(Response::Kube(KubeResponse::List { items })) => Ok(items),
            Ok(_) => Ok(Vec::new()),
            Err(ApiError::Kube(status)) => Err(status.message),
            Err(ApiError::Aws(exception)) => Err(exception.message),
        }
    }

    /// Changes the authentication mode, waits until that is done, and says so.
    ///
    /// # Errors
    /// EKS refuses; the update fails or does not end.
    pub fn change_mode(&mut self, cluster: &Cluster, mode: &str) -> Outcome {
        let input = json!({ "name": cluster.name, "accessConfig": { "authenticationMode": mode } });
        let answer = self
            .eks(cluster, "UpdateClusterConfig", input)
            .map_err(|why| format!("failed to update cluster config: {why}"))?;
        let id = answer.pointer("/update/id").and_then(Value::as_str).unwrap_or_default().to_owned();
        for _ in 0..POLLS {
            let input = json!({ "name": cluster.name, "updateId": id });
            let answer = self.eks(cluster, "DescribeUpdate", input)?;
            match answer.pointer("/update/status").and_then(Value::as_str) {
                Some("InProgress") => {
                    self.info(format!("waiting for update {id:?} in cluster {:?} to complete", cluster.name));
                    // Waiting is never refused.
                    let _ = self.ctx.session.call(&cluster.account.caller, Request::Wait { millis: POLL_MILLIS });
                }
                Some("Successful") => {
                    let name = &cluster.name;
                    self.info(format!("authentication mode was successfully updated to {mode} on cluster {name}"));
                    return Ok(());
                }
                status => {
                    let status = status.unwrap_or("unknown");
                    return Err(format!("failed to update cluster authentication mode: update is {status}"));
                }
            }
        }
        Err(format!("timed out waiting for update {id:?}"))
    }
}

fn call(ctx: &mut Context<'_>, caller: &Caller, operation: &str, input: Value) -> Result<Value, Exception> {
    let request = AwsRequest::from_parts(operation, input).map_err(|error| Exception::validation(error.to_string()))?;
    match ctx.session.call(caller, Request::Aws(request)) {
        Ok(Response::Aws(answer)) => Ok(answer),
        Ok(_) => Ok(Value::Null),
        Err(ApiError::Aws(exception)) => Err(exception),
        Err(ApiError::Kube(status)) => Err(Exception::validation(status.message)),
    }
}

/// An id of the form that AWS gives to requests; it means nothing.
fn request_id(ctx: &Context<'_>, operation: &str) -> String {
    uuid(serial_of(&format!("{}/{operation}", ctx.session.world().clock.0)))
}
