//! The flags of the commands, in sets that commands share; each is named for what uses it.
#![expect(missing_docs, reason = "named by their commands")]

use super::spec::{Flag, Value};

const fn flag(name: &'static str, value: Value, help: &'static str) -> Flag {
    Flag { name, short: None, value, help }
}

const fn short(letter: char, name: &'static str, value: Value, help: &'static str) -> Flag {
    Flag { name, short: Some(letter), value, help }
}

use Value::{Array, Duration, Number, Optional, Pairs, Slice, Switch, Text};

/// Accepted by every command (cli 7.2).
pub const GLOBAL: &[Flag] = &[
    flag("as", Text, "User to take the identity of; a plain user or a service account."),
    flag("as-group", Array, "Group to take the identity of; may be repeated."),
    flag("as-uid", Text, "UID to take the identity of."),
    flag("cache-dir", Text, "Directory of the cache."),
    flag("certificate-authority", Text, "Path to a file with the certificate of the authority."),
    flag("client-certificate", Text, "Path to a client certificate."),
    flag("client-key", Text, "Path to a client key."),
    flag("cluster", Text, "The name of the kubeconfig cluster to use."),
    flag("context", Text, "The name of the kubeconfig context to use."),
    flag("disable-compression", Switch, "Ask for uncompressed answers."),
    flag("insecure-skip-tls-verify", Switch, "Do not check the server's certificate."),
    flag("kubeconfig", Text, "Path to the kubeconfig file to use."),
    flag("log-flush-frequency", Text, "Longest time between log flushes."),
    flag("match-server-version", Switch, "Require the server's version to match the client's."),
    short('n', "namespace", Text, "The namespace of the request."),
    flag("password", Text, "Password for basic authentication."),
    flag("profile", Text, "Name of a profile to capture."),
    flag("profile-output", Text, "Name of the file to write the profile to."),
    flag("request-timeout", Text, "How long to wait for one request; 0 is for ever."),
    short('s', "server", Text, "Address and port of the API server."),
    flag("tls-server-name", Text, "Server name for checking the certificate."),
    flag("token", Text, "Bearer token for the API server."),
    flag("user", Text, "The name of the kubeconfig user to use."),
    flag("username", Text, "Name for basic authentication."),
    short('v', "v", Number, "Log level."),
    flag("vmodule", Text, "Log levels by file."),
    flag("warnings-as-errors", Switch, "Treat warnings of the server as errors."),
];

pub const FILES: &[Flag] = &[
    short('f', "filename", Slice, "File or directory with the objects; - is standard input."),
    short('k', "kustomize", Text, "Directory with a kustomization."),
    short('R', "recursive", Switch, "Go through the directories below, too."),
];

pub const SELECT: &[Flag] = &[
    short('A', "all-namespaces", Switch, "All namespaces instead of one."),
    short('l', "selector", Text, "Label selector: =, ==, !=, in, notin."),
    flag("field-selector", Text, "Field selector: =, ==, !=."),
    flag("all", Switch, "All objects of the type in the namespace."),
];

pub const OUTPUT: &[Flag] = &[
    short('o', "output", Text, "Output format."),
    flag("template", Text, "Template for -o go-template and the like."),
    flag("allow-missing-template-keys", Switch, "Ignore missing members in templates."),
    flag("show-managed-fields", Switch, "Keep managedFields in the output."),
];

pub const WRITING: &[Flag] = &[
    flag("dry-run", Optional("unchanged"), "none, client (print, do not send) or server (send, do not store)."),
    flag("field-manager", Text, "Name of the manager of the fields."),
    flag("validate", Optional("strict"), "strict (or true), warn, or ignore (or false)."),
    flag("save-config", Switch, "Keep the configuration in an annotation."),
];

pub const CREATE_FILE: &[Flag] = &[
    flag("edit", Switch, "Edit before creating."),
    flag("raw", Text, "URL to post to."),
    short('l', "selector", Text, "Label selector."),
    flag("windows-line-endings", Switch, "Line endings for --edit."),
];

pub const RUN: &[Flag] = &[
    flag("image", Text, "The image of the container."),
    flag("env", Array, "Environment variables, NAME=value."),
    flag("port", Text, "The port that the container exposes."),
    short('l', "labels", Text, "Labels, separated by commas."),
    flag("restart", Text, "Always, OnFailure or Never."),
    flag("command", Switch, "Use the words after -- as the command, not its arguments."),
    flag("overrides", Text, "JSON that overrides the generated object."),
    flag("image-pull-policy", Text, "The pull policy of the container."),
    flag("annotations", Array, "Annotations of the pod."),
    flag("expose", Switch, "Make a service for the pod, too."),
    flag("privileged", Switch, "Run the container privileged."),
    flag("rm", Switch, "Delete the pod after it exits."),
    flag("attach", Switch, "Attach to the pod after it starts."),
    short('i', "stdin", Switch, "Keep standard input open."),
    short('t', "tty", Switch, "Allocate a terminal."),
    short('q', "quiet", Switch, "No prompt messages."),
    flag("leave-stdin-open", Switch, "Leave standard input open."),
    flag("pod-running-timeout", Duration, "How long to wait for the pod."),
];

pub const EXPLAIN: &[Flag] = &[
    flag("api-version", Text, "The group and version to explain."),
    flag("recursive", Switch, "The fields of the fields, too."),
    short('o', "output", Text, "plaintext or plaintext-openapiv2."),
];

pub const GET: &[Flag] = &[
    flag("no-headers", Switch, "Leave the headers out."),
    flag("show-labels", Switch, "Labels as the last column."),
    short('L', "label-columns", Slice, "Labels to show as columns."),
    flag("show-kind", Switch, "Kinds before the names."),
    flag("sort-by", Text, "JSONPath of the field to sort by."),
    flag("ignore-not-found", Switch, "A missing object is no error."),
    flag("raw", Text, "URL to ask instead."),
    short('w', "watch", Switch, "Watch for changes after listing."),
    flag("watch-only", Switch, "Watch for changes without listing."),
    flag("output-watch-events", Switch, "Events with --watch."),
    flag("chunk-size", Number, "Objects per answer."),
    flag("server-print", Switch, "Let the server make the table."),
    flag("subresource", Text, "The subresource to get."),
];

pub const EDIT: &[Flag] = &[
    flag("output-patch", Switch, "Print the patch."),
    flag("windows-line-endings", Switch, "Line endings of the edited text."),
    flag("subresource", Text, "The subresource to edit."),
];

pub const DELETE: &[Flag] = &[
    flag("dry-run", Optional("unchanged"), "none, client (print, do not send) or server (send, do not store)."),
    flag("ignore-not-found", Switch, "A missing object is no error."),
    flag("cascade", Optional("background"), "background, orphan or foreground."),
    flag("grace-period", Number, "Seconds to end in."),
    flag("now", Switch, "End at once (in a second)."),
    flag("force", Switch, "Do not wait for the end."),
    flag("timeout", Duration, "How long to wait."),
    flag("wait", Switch, "Wait until the object is gone."),
    flag("raw", Text, "URL to delete."),
    short('i', "interactive", Switch, "Ask before deleting."),
    short('o', "output", Text, "Output format: name."),
];

pub const SCALE: &[Flag] = &[
    flag("replicas", Number, "The new number of replicas."),
    flag("current-replicas", Number, "Scale only from this number."),
    flag("resource-version", Text, "Scale only this version."),
    flag("timeout", Duration, "How long to wait."),
];

pub const REVISION: &[Flag] = &[
    flag("revision", Number, "Show this revision in full."),
    flag("to-revision", Number, "The revision to go back to; 0 for the last one."),
];

pub const SET_ENV: &[Flag] = &[
    short('e', "env", Array, "NAME=value, or NAME- to remove; may be repeated."),
    short('c', "containers", Text, "The containers, by name or pattern."),
    flag("from", Text, "ConfigMap or Secret whose keys become variables."),
    flag("keys", Slice, "Only these keys with --from."),
    flag("prefix", Text, "What comes before the names with --from."),
    flag("list", Switch, "Print the variables."),
    flag("resolve", Switch, "Print values in place of references."),
    flag("overwrite", Switch, "Allow existing variables to change."),
];

pub const SET_RESOURCES: &[Flag] = &[
    short('c', "containers", Text, "The containers, by name or pattern."),
    flag("limits", Text, "Limits, such as cpu=200m,memory=512Mi."),
    flag("requests", Text, "Requests, such as cpu=100m."),
];

pub const STATUS: &[Flag] = &[
    short('w', "watch", Switch, "Watch until the rollout is done."),
    flag("revision", Number, "Wait for this revision."),
    flag("timeout", Duration, "How long to wait."),
];

pub const WAIT: &[Flag] = &[
    short('o', "output", Text, "Output format: name."),
    flag("for", Text, "What to wait for: create, delete, condition=NAME[=VALUE], jsonpath=PATH[=VALUE]."),
    flag("timeout", Duration, "How long to wait."),
];

pub const DESCRIBE: &[Flag] =
    &[flag("show-events", Switch, "Events of the object."), flag("chunk-size", Number, "Objects per answer.")];

pub const LOGS: &[Flag] = &[
    short('f', "follow", Switch, "Follow the log."),
    short('c', "container", Text, "The container."),
    short('p', "previous", Switch, "The log of the previous container."),
    short('l', "selector", Text, "Label selector."),
    flag("all-containers", Switch, "All containers."),
    flag("tail", Number, "Lines from the end."),
    flag("since", Duration, "Only newer lines."),
    flag("timestamps", Switch, "Timestamps on each line."),
    flag("prefix", Switch, "Pod and container before each line."),
    flag("all-pods", Switch, "All pods of the object, with --prefix."),
    flag("since-time", Text, "Only lines from this time on."),
    flag("limit-bytes", Number, "Maximum number of bytes."),
    flag("max-log-requests", Number, "Maximum number of logs to follow at once."),
    flag("ignore-errors", Switch, "Go on after an error with --follow."),
    flag("insecure-skip-tls-verify-backend", Switch, "Do not check the kubelet's certificate."),
    flag("pod-running-timeout", Duration, "How long to wait for the pod."),
];

pub const EXEC: &[Flag] = &[
    short('c', "container", Text, "The container."),
    short('i', "stdin", Switch, "Pass standard input."),
    short('t', "tty", Switch, "Standard input is a terminal."),
    short('q', "quiet", Switch, "Only the output of the command."),
    short('f', "filename", Slice, "File with the object."),
    flag("pod-running-timeout", Duration, "How long to wait for the pod."),
];

pub const COPY: &[Flag] = &[
    short('c', "container", Text, "The container."),
    flag("no-preserve", Switch, "Do not keep owner and permissions."),
    flag("retries", Number, "How often to try again; 0 for never."),
];

pub const PORT_FORWARD: &[Flag] = &[
    flag("address", Slice, "Addresses to listen on."),
    flag("pod-running-timeout", Duration, "How long to wait for the pod."),
];

pub const DIFF: &[Flag] = &[
    flag("server-side", Switch, "Let the server apply."),
    flag("force-conflicts", Switch, "Win conflicts."),
    flag("field-manager", Text, "Name of the manager of the fields."),
    flag("prune", Switch, "Show what pruning would delete."),
];

pub const APPLY: &[Flag] = &[
    flag("overwrite", Switch, "Resolve conflicts by the new configuration."),
    flag("force", Switch, "Delete and create anew if needed."),
    flag("server-side", Switch, "Let the server apply."),
    flag("force-conflicts", Switch, "Win conflicts with --server-side."),
    flag("prune", Switch, "Delete objects that are no longer in the files."),
    flag("openapi-patch", Switch, "Use the schema for the difference."),
    flag("wait", Switch, "Wait until objects are gone."),
    flag("timeout", Duration, "How long to wait."),
    flag("grace-period", Number, "Seconds to end in."),
    flag("cascade", Optional("background"), "background, orphan or foreground."),
    flag("create-annotation", Switch, "Let set-last-applied make the annotation."),
];

pub const PATCH: &[Flag] = &[
    short('p', "patch", Text, "The patch, JSON or YAML."),
    flag("patch-file", Text, "File with the patch."),
    flag("type", Text, "json, merge or strategic."),
    flag("local", Switch, "Work on the file alone."),
    flag("subresource", Text, "The subresource to patch."),
];

pub const REPLACE: &[Flag] = &[
    flag("force", Switch, "Delete and create anew."),
    flag("cascade", Optional("background"), "background, orphan or foreground."),
    flag("grace-period", Number, "Seconds to end in."),
    flag("timeout", Duration, "How long to wait."),
    flag("wait", Switch, "Wait until objects are gone."),
    flag("raw", Text, "URL to put to."),
    flag("subresource", Text, "The subresource to replace."),
];

pub const LABEL: &[Flag] = &[
    flag("overwrite", Switch, "Allow existing values to change."),
    flag("local", Switch, "Work on the file alone."),
    flag("list", Switch, "List the values."),
    flag("resource-version", Text, "Change only this version."),
];

pub const VERSION: &[Flag] =
    &[flag("client", Switch, "The client's version alone."), short('o', "output", Text, "yaml or json.")];

pub const API_RESOURCES: &[Flag] = &[
    flag("api-group", Text, "Only this group."),
    flag("namespaced", Switch, "Only namespaced kinds, or only the others."),
    flag("verbs", Slice, "Only kinds with these verbs."),
    flag("categories", Slice, "Only kinds of these categories."),
    flag("no-headers", Switch, "Leave the headers out."),
    flag("cached", Switch, "Use the cache."),
    flag("sort-by", Text, "name or kind."),
    short('o', "output", Text, "wide or name."),
];

pub const ROLE: &[Flag] = &[
    flag("verb", Slice, "Verbs of the rule."),
    flag("resource", Slice, "Resources of the rule."),
    flag("resource-name", Array, "Names that the rule is limited to; may be repeated."),
];

pub const CLUSTER_ROLE: &[Flag] = &[
    flag("non-resource-url", Slice, "URLs of the rule."),
    flag("aggregation-rule", Pairs, "Labels of the roles to combine."),
];

pub const BINDING: &[Flag] = &[
    flag("user", Array, "Users to bind the role to; may be repeated."),
    flag("group", Array, "Groups to bind the role to; may be repeated."),
    flag("serviceaccount", Array, "Service accounts to bind the role to, namespace:name; may be repeated."),
];

pub const CLUSTER_BINDING: &[Flag] = &[flag("clusterrole", Text, "The cluster role.")];

pub const ROLE_BINDING: &[Flag] = &[flag("clusterrole", Text, "The cluster role."), flag("role", Text, "The role.")];

pub const FROM: &[Flag] = &[
    flag("from-literal", Array, "Key and value, key=value; may be repeated."),
    flag("from-file", Slice, "File, or key=file; may be repeated."),
    flag("from-env-file", Slice, "File with lines key=value."),
    flag("append-hash", Switch, "Append a hash to the name."),
];

pub const TLS: &[Flag] = &[
    flag("cert", Text, "File with the certificate."),
    flag("key", Text, "File with the private key."),
    flag("append-hash", Switch, "Append a hash to the name."),
];

pub const REGISTRY: &[Flag] = &[
    flag("docker-server", Text, "Address of the registry."),
    flag("docker-username", Text, "User name at the registry."),
    flag("docker-password", Text, "Password at the registry."),
    flag("docker-email", Text, "Mail address at the registry."),
    flag("from-file", Slice, "File, or key=file; may be repeated."),
    flag("append-hash", Switch, "Append a hash to the name."),
];

pub const SECRET_TYPE: &[Flag] = &[flag("type", Text, "The type of the secret.")];

pub const DEPLOYMENT: &[Flag] = &[
    flag("image", Slice, "Images of the containers."),
    short('r', "replicas", Number, "The number of replicas."),
    flag("port", Text, "The port that the container exposes."),
];

pub const TOKEN: &[Flag] = &[
    flag("duration", Duration, "How long the token is good for."),
    flag("audience", Array, "Whom the token is for; may be repeated."),
    flag("bound-object-kind", Text, "Kind of the object the token is bound to."),
    flag("bound-object-name", Text, "Name of the object the token is bound to."),
    flag("bound-object-uid", Text, "UID of the object the token is bound to."),
];

pub const CAN_I: &[Flag] = &[
    short('A', "all-namespaces", Switch, "Ask for all namespaces."),
    flag("list", Switch, "List all that is allowed."),
    flag("no-headers", Switch, "Leave the headers out."),
    short('q', "quiet", Switch, "Print nothing; the exit code tells."),
    flag("subresource", Text, "SubResource such as pod/log or deployment/scale"),
];

pub const RECONCILE: &[Flag] = &[
    flag("remove-extra-permissions", Switch, "Remove rules that are not in the file."),
    flag("remove-extra-subjects", Switch, "Remove subjects that are not in the file."),
];

pub const GET_CONTEXTS: &[Flag] = &[
    flag(
        "no-headers",
        Switch,
        "When using the default or custom-column output format, don't print headers (default print headers).",
    ),
    short('o', "output", Text, "Output format. One of: (name)."),
];

pub const SET: &[Flag] = &[flag(
    "set-raw-bytes",
    Switch,
    "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.",
)];

pub const SET_CLUSTER: &[Flag] = &[
    flag("certificate-authority", Text, "Path to certificate-authority file for the cluster entry in kubeconfig"),
    flag("embed-certs", Switch, "embed-certs for the cluster entry in kubeconfig"),
    flag("insecure-skip-tls-verify", Switch, "insecure-skip-tls-verify for the cluster entry in kubeconfig"),
    flag("proxy-url", Text, "proxy-url for the cluster entry in kubeconfig"),
    flag("server", Text, "server for the cluster entry in kubeconfig"),
    flag("tls-server-name", Text, "tls-server-name for the cluster entry in kubeconfig"),
];

pub const SET_CONTEXT: &[Flag] = &[
    flag("cluster", Text, "cluster for the context entry in kubeconfig"),
    flag("current", Switch, "Modify the current context"),
    flag("namespace", Text, "namespace for the context entry in kubeconfig"),
    flag("user", Text, "user for the context entry in kubeconfig"),
];

pub const SET_CREDENTIALS: &[Flag] = &[
    flag("auth-provider", Text, "Auth provider for the user entry in kubeconfig"),
    flag("auth-provider-arg", Slice, "'key=value' arguments for the auth provider"),
    flag("embed-certs", Switch, "Put the certificate into the file."),
    flag("exec-command", Text, "Command that gives the credential."),
    flag("exec-api-version", Text, "API version of the exec plugin."),
    flag("exec-arg", Slice, "Arguments of the command."),
    flag("exec-env", Array, "Environment of the command."),
];

pub const VIEW: &[Flag] = &[
    flag("minify", Switch, "Only what the current context uses."),
    flag("raw", Switch, "Secrets as they are."),
    flag("flatten", Switch, "A file that needs no others."),
    flag("merge", Switch, "Merge the files."),
];
