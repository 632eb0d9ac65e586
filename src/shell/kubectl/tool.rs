//! One run of kubectl: where it prints, whom it calls, and what it knows of the server so far.

use crate::engine::{ApiError, KubeRequest, KubeResponse, Request, Response};
use crate::formats::time::Timestamp;
use crate::k8s::discovery::Resource;
use crate::k8s::names;
use crate::k8s::status::{Reason, Status};
use crate::shell::context::{CommandOutput, Context, Edit};
use crate::shell::kubeconfig::{Connection, Kubeconfig, Overrides, Target};

use super::failure::{Failure, Unreachable, local};
use super::flags::Parsed;
use super::urls;

/// How a command ends.
pub type Outcome = Result<(), Failure>;

/// The state of one run.
pub struct Tool<'a, 'b> {
    /// World, files, environment, standard input.
    pub ctx: &'a mut Context<'b>,
    /// Standard output so far.
    pub out: String,
    /// Standard error so far.
    err: String,
    /// Where it was printed among standard output, as [`CommandOutput::marks`].
    marks: Vec<(usize, usize)>,
    /// A remark of ours, not part of the imitated output.
    pub hint: Option<String>,
    /// The object to open in the page's editor.
    pub edit: Option<Box<Edit>>,
    /// The global flags.
    pub overrides: Overrides,
    makes_config: bool,
    config: Option<Kubeconfig>,
    connection: Option<Connection>,
    kinds: Option<Vec<Resource>>,
}

impl<'a, 'b> Tool<'a, 'b> {
    /// A run with the global flags of a command line.
    pub fn new(ctx: &'a mut Context<'b>, parsed: &Parsed) -> Self {
        let text = |flag: &str| parsed.text(flag).filter(|t| !t.is_empty()).map(str::to_owned);
        // Commands of `config` and the binding commands use some of these names for flags of their own.
        let own = |flag: &str| parsed.command.flags.iter().flat_map(|set| set.iter()).any(|f| f.name == flag);
        let global = |flag: &str| text(flag).filter(|_| !own(flag));
        let overrides = Overrides {
            kubeconfig: text("kubeconfig"),
            context: global("context"),
            cluster: global("cluster"),
            user: global("user"),
            namespace: global("namespace"),
            server: global("server"),
            token: global("token"),
            as_user: text("as").unwrap_or_default(),
            as_groups: parsed.all("as-group"),
            as_uid: text("as-uid").unwrap_or_default(),
        };
        Self {
            ctx,
            out: String::new(),
            err: String::new(),
            marks: Vec::new(),
            hint: None,
            edit: None,
            overrides,
            makes_config: parsed.path.get(1) == Some(&"config"),
            config: None,
            connection: None,
            kinds: None,
        }
    }

    /// Prints a line.
    pub fn say(&mut self, line: impl AsRef<str>) {
        self.out.push_str(line.as_ref());
        self.out.push('\n');
    }

    /// Prints a line on standard error.
    pub fn complain(&mut self, line: impl AsRef<str>) {
        self.report(&format!("{}\n", line.as_ref()));
    }

    /// Prints whole lines on standard error. kubectl buffers neither stream (cli 9.8).
    pub fn report(&mut self, lines: &str) {
        self.err.push_str(lines);
        self.marks.push((self.out.len(), self.err.len()));
    }

    /// What the run printed.
    pub fn finish(self, exit: i32) -> CommandOutput {
        let Self { out: stdout, err: stderr, marks, hint, edit, .. } = self;
        CommandOutput { stdout, stderr, marks, exit, hint, edit }
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.ctx.session.world().clock
    }

    /// The merged kubeconfig.
    ///
    /// # Errors
    /// A file of it cannot be read.
    pub fn config(&mut self) -> Result<&Kubeconfig, Failure> {
        let config = match self.config.take() {
            Some(config) => config,
            // `kubectl config` takes a file that is named and does not exist for an empty one.
            None if self.makes_config => {
                Kubeconfig::load_or_new(self.ctx, self.overrides.kubeconfig.as_deref()).map_err(local)?
            }
            None => Kubeconfig::load(self.ctx, self.overrides.kubeconfig.as_deref()).map_err(local)?,
        };
        Ok(self.config.insert(config))
    }

    /// The namespace of the command: `-n`, else the context's, else `default` (cli 8.4); true if `-n` says so.
    ///
    /// # Errors
    /// The context or its cluster does not exist.
    pub fn namespace(&mut self) -> Result<(String, bool), Failure> {
        let overrides = self.overrides.clone();
        if let Some(namespace) = overrides.namespace {
            return Ok((namespace, true));
        }
        let namespace = self.config()?.namespace(&overrides)?;
        Ok((namespace, false))
    }

    /// Whom the command calls, and as whom.
    ///
    /// # Errors
    /// Context, cluster or user do not exist.
    pub fn connection(&mut self) -> Result<&Connection, Failure> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let overrides = self.overrides.clone();
                let config = self.config()?.clone();
                config.connect(&overrides, self.ctx)?
            }
        };
        Ok(self.connection.insert(connection))
    }

    /// Makes a call.
    ///
    /// # Errors
    /// The server's refusal, or why it cannot be reached.
    pub fn call(&mut self, request: KubeRequest) -> Result<KubeResponse, Failure> {
        let connection = self.connection()?.clone();
        let cluster = match connection.target {
            Target::Cluster(name) => name,
            Target::Unreachable { why, said } => {
                self.report(&said);
                let (method, path) = urls::of(&request);
                let url = format!("{}{path}", connection.server);
                return Err(Failure::Unreachable(Unreachable { method: method.to_owned(), url, why }));
            }
        };
        match self.ctx.session.call(&connection.caller, Request::Kube { cluster, request }) {
            Ok(Response::Kube(response)) => Ok(response),
            Ok(_) => Ok(KubeResponse::Done),
            Err(ApiError::Kube(status)) => Err(Failure::Status(status)),
            Err(ApiError::Aws(exception)) => Err(local(exception.message)),
        }
    }

    /// Makes a call that answers an object.
    ///
    /// # Errors
    /// As [`Tool::call`].
    pub fn object(&mut self, request: KubeRequest) -> Result<serde_json::Value, Failure> {
        match self.call(request)? {
            KubeResponse::Object(object) => Ok(object),
            _ => Ok(serde_json::Value::Null),
        }
    }

    /// Makes a call that answers a list.
    ///
    /// # Errors
    /// As [`Tool::call`].
    pub fn items(&mut self, request: KubeRequest) -> Result<Vec<serde_json::Value>, Failure> {
        match self.call(request)? {
            KubeResponse::List { items } => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// The kinds that the server has, from the cache on disk if it is warm. `attempts` is how often the command asks
    /// before it gives up; each attempt leaves a log line (cli 14).
    ///
    /// # Errors
    /// The server refuses or cannot be reached, and the cache is cold.
    pub fn kinds(&mut self, attempts: usize) -> Result<Vec<Resource>, Failure> {
        if let Some(kinds) = &self.kinds {
            return Ok(kinds.clone());
        }
        self.check_impersonation()?;
        let kinds = if self.cache_is_warm()? { self.cached_kinds()? } else { self.ask_kinds(attempts)? };
        self.kinds = Some(kinds.clone());
        Ok(kinds)
    }

    /// The kinds that the server has, asked afresh.
    ///
    /// # Errors
    /// As [`Tool::kinds`].
    pub fn ask_kinds(&mut self, attempts: usize) -> Result<Vec<Resource>, Failure> {
        let failure = match self.call(KubeRequest::Discovery) {
            Ok(KubeResponse::Discovery(kinds)) => {
                self.warm_cache()?;
                return Ok(kinds);
            }
            Ok(_) => return Ok(Vec::new()),
            Err(failure) => asks_for_credentials(failure),
        };
        match &failure {
            Failure::Status(status) if status.reason == Reason::Unauthorized => {}
            Failure::Unreachable(_) => {}
            _ => return Err(failure),
        }
        let line = klog(self.now(), "memcache.go:265", &unhandled(&failure));
        // Each attempt runs a credential plugin that failed; the call above was the first.
        let said = match &self.connection()?.target {
            Target::Unreachable { said, .. } => said.clone(),
            Target::Cluster(_) => String::new(),
        };
        self.report(&line);
        for _ in 1..attempts {
            self.report(&format!("{said}{line}"));
        }
        Err(failure)
    }

    /// The kinds of the cluster without asking it: what the cache would hold.
    fn cached_kinds(&mut self) -> Result<Vec<Resource>, Failure> {
        let Some(name) = self.connection()?.cluster.clone() else { return Ok(Vec::new()) };
        Ok(self.ctx.session.world().cluster(&name).map(|cluster| cluster.objects.resources()).unwrap_or_default())
    }

    /// Says what comes nearest to a resource type that no server knows, as the page does.
    pub fn point_out(&mut self, kinds: &[Resource], resource: &str, group: &str) {
        let group = Some(group).filter(|group| !group.is_empty());
        let remarks = names::question_remarks(kinds, "get", group, resource);
        if !remarks.is_empty() {
            self.hint = Some(remarks.join(" "));
        }
    }

    /// Groups or a uid without a user are refused before anything is sent (cli 10).
    ///
    /// # Errors
    /// That refusal, and those of [`Tool::connection`].
    pub fn check_impersonation(&mut self) -> Result<(), Failure> {
        let connection = self.connection()?;
        match &connection.caller.impersonate {
            Some(wanted) if wanted.user.is_empty() => {
                let user = connection.user.clone();
                Err(local(format!("requesting uid, groups or user-extra for {user} without impersonating a user")))
            }
            _ => Ok(()),
        }
    }

    /// Where the cache of a server lies.
    fn cache_file(&mut self) -> Result<String, Failure> {
        let host = self.connection()?.server.clone();
        let host = host.split("://").nth(1).unwrap_or(&host).trim_end_matches('/');
        let host: String =
            host.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
        let home = &self.ctx.session.workstation().home;
        Ok(format!("{home}/.kube/cache/discovery/{host}/servergroups.json"))
    }

    fn cache_is_warm(&mut self) -> Result<bool, Failure> {
        let file = self.cache_file()?;
        Ok(self.ctx.session.workstation().is_file(&file))
    }

    /// Leaves the mark of a cache. A full disk only means that the cache stays cold.
    fn warm_cache(&mut self) -> Result<(), Failure> {
        let file = self.cache_file()?;
        if !self.ctx.session.workstation().is_file(&file) {
            let text = "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\"}\n";
            _ = self.ctx.session.workstation_mut().write_with_parents(&file, text);
        }
        Ok(())
    }
}

/// Discovery words a 401 differently.
pub fn asks_for_credentials(failure: Failure) -> Failure {
    match failure {
        Failure::Status(status) if status.reason == Reason::Unauthorized => {
            let message = "the server has asked for the client to provide credentials".to_owned();
            Failure::Status(Status { message, ..status })
        }
        other => other,
    }
}

fn unhandled(failure: &Failure) -> String {
    let text = format!("couldn't get current server API group list: {}", failure.words());
    format!("\"Unhandled Error\" err={text:?}")
}

/// A line of kubectl's log: severity, date, time, process id, place, text.
fn klog(now: Timestamp, place: &str, text: &str) -> String {
    log_line('E', now, place, text)
}

/// A warning in kubectl's log.
pub fn klog_warning(now: Timestamp, place: &str, text: &str) -> String {
    log_line('W', now, place, text)
}

fn log_line(severity: char, now: Timestamp, place: &str, text: &str) -> String {
    // 2024-01-17T10:30:00Z
    let moment = now.kubernetes_text();
    let part = |from: usize, to: usize| moment.get(from..to).unwrap_or_default();
    let micros = now.0.rem_euclid(1000) * 1000;
    format!("{severity}{}{} {}.{micros:06}    4242 {place}] {text}\n", part(5, 7), part(8, 10), part(11, 19))
}
