//! The command table, continued: the commands below `create`, `auth` and `config`.

use super::flag_sets::*;
use super::spec::{BLANK, Command, Run, missing};
use super::{auth, config, config_set, create_core, create_rbac, reconcile, rollout, set, workload};

/// `kubectl create …`
pub static CREATE: &[Command] = &[
    Command {
        name: "clusterrole",
        usage: "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
        short: "Create a cluster role",
        flags: &[WRITING, OUTPUT, ROLE, CLUSTER_ROLE],
        run: Run::Own(create_rbac::cluster_role),
        ..BLANK
    },
    Command {
        name: "clusterrolebinding",
        usage: "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
        short: "Create a cluster role binding for a particular cluster role",
        flags: &[WRITING, OUTPUT, BINDING, CLUSTER_BINDING],
        required: &["clusterrole"],
        run: Run::Own(create_rbac::cluster_role_binding),
        ..BLANK
    },
    Command {
        name: "configmap",
        aliases: &["cm"],
        usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
        short: "Create a config map from a local file, directory or literal value",
        flags: &[WRITING, OUTPUT, FROM],
        run: Run::Own(create_core::config_map),
        ..BLANK
    },
    missing("cronjob", "Create a cron job with the specified name"),
    Command {
        name: "deployment",
        aliases: &["deploy"],
        usage: "NAME --image=image -- [COMMAND] [args...]",
        short: "Create a deployment with the specified name",
        flags: &[WRITING, OUTPUT, DEPLOYMENT],
        required: &["image"],
        run: Run::Own(workload::create_deployment),
        ..BLANK
    },
    missing("ingress", "Create an ingress with the specified name"),
    missing("job", "Create a job with the specified name"),
    Command {
        name: "namespace",
        aliases: &["ns"],
        usage: "NAME [--dry-run=server|client|none]",
        short: "Create a namespace with the specified name",
        flags: &[WRITING, OUTPUT],
        run: Run::Own(create_core::namespace),
        ..BLANK
    },
    missing("poddisruptionbudget", "Create a pod disruption budget with the specified name"),
    missing("priorityclass", "Create a priority class with the specified name"),
    missing("quota", "Create a quota with the specified name"),
    Command {
        name: "role",
        usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
        short: "Create a role with single rule",
        flags: &[WRITING, OUTPUT, ROLE],
        run: Run::Own(create_rbac::role),
        ..BLANK
    },
    Command {
        name: "rolebinding",
        usage: "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
        short: "Create a role binding for a particular role or cluster role",
        flags: &[WRITING, OUTPUT, BINDING, ROLE_BINDING],
        run: Run::Own(create_rbac::role_binding),
        ..BLANK
    },
    Command {
        name: "secret",
        usage: "(docker-registry | generic | tls)",
        short: "Create a secret using a specified subcommand",
        subcommands: SECRET,
        run: Run::Group,
        ..BLANK
    },
    missing("service", "Create a service using a specified subcommand"),
    Command {
        name: "serviceaccount",
        aliases: &["sa"],
        usage: "NAME [--dry-run=server|client|none]",
        short: "Create a service account with the specified name",
        flags: &[WRITING, OUTPUT],
        run: Run::Own(create_core::service_account),
        ..BLANK
    },
    Command {
        name: "token",
        usage: "SERVICE_ACCOUNT_NAME",
        short: "Request a service account token",
        flags: &[OUTPUT, TOKEN],
        run: Run::Own(create_core::token),
        ..BLANK
    },
];

/// `kubectl create secret …`
static SECRET: &[Command] = &[
    Command {
        name: "docker-registry",
        usage: "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
        short: "Create a secret for use with a Docker registry",
        flags: &[WRITING, OUTPUT, REGISTRY],
        run: Run::Own(create_core::registry_secret),
        ..BLANK
    },
    Command {
        name: "generic",
        usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
        short: "Create a secret from a local file, directory, or literal value",
        flags: &[WRITING, OUTPUT, FROM, SECRET_TYPE],
        run: Run::Own(create_core::secret),
        ..BLANK
    },
    Command {
        name: "tls",
        usage: "NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
        short: "Create a TLS secret",
        flags: &[WRITING, OUTPUT, TLS],
        run: Run::Own(create_core::tls_secret),
        ..BLANK
    },
];

/// `kubectl rollout …`
pub static ROLLOUT: &[Command] = &[
    Command {
        name: "history",
        usage: "(TYPE NAME | TYPE/NAME) [flags]",
        short: "View rollout history",
        flags: &[SELECT, REVISION],
        run: Run::Own(rollout::history),
        ..BLANK
    },
    Command {
        name: "pause",
        usage: "RESOURCE",
        short: "Mark the provided resource as paused",
        flags: &[SELECT],
        run: Run::Own(rollout::pause),
        ..BLANK
    },
    Command {
        name: "restart",
        usage: "RESOURCE",
        short: "Restart a resource",
        flags: &[SELECT],
        run: Run::Own(rollout::restart),
        ..BLANK
    },
    Command {
        name: "resume",
        usage: "RESOURCE",
        short: "Resume a paused resource",
        flags: &[SELECT],
        run: Run::Own(rollout::resume),
        ..BLANK
    },
    Command {
        name: "status",
        usage: "(TYPE NAME | TYPE/NAME) [flags]",
        short: "Show the status of the rollout",
        flags: &[SELECT, STATUS],
        run: Run::Own(rollout::status),
        ..BLANK
    },
    Command {
        name: "undo",
        usage: "(TYPE NAME | TYPE/NAME) [flags]",
        short: "Undo a previous rollout",
        flags: &[SELECT, WRITING, REVISION],
        run: Run::Own(rollout::undo),
        ..BLANK
    },
];

/// `kubectl set …`
pub static SET_COMMANDS: &[Command] = &[
    Command {
        name: "env",
        usage: "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
        short: "Update environment variables on a pod template",
        flags: &[SELECT, WRITING, OUTPUT, SET_ENV],
        run: Run::Own(set::env),
        ..BLANK
    },
    Command {
        name: "image",
        usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
        short: "Update the image of a pod template",
        flags: &[SELECT, WRITING, OUTPUT],
        run: Run::Own(set::image),
        ..BLANK
    },
    Command {
        name: "resources",
        usage: "(-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]",
        short: "Update resource requests/limits on objects with pod templates",
        flags: &[SELECT, WRITING, OUTPUT, SET_RESOURCES],
        run: Run::Own(set::resources),
        ..BLANK
    },
    missing("selector", "Set the selector on a resource"),
    Command {
        name: "serviceaccount",
        aliases: &["sa"],
        usage: "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
        short: "Update the service account of a resource",
        flags: &[SELECT, WRITING, OUTPUT],
        run: Run::Own(set::service_account),
        ..BLANK
    },
    missing("subject", "Update the user, group, or service account in a role binding or cluster role binding"),
];

/// `kubectl auth …`
pub static AUTH: &[Command] = &[
    Command {
        name: "can-i",
        usage: "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
        short: "Check whether an action is allowed",
        examples: &[
            ("# May I create pods in any namespace?", "kubectl auth can-i create pods --all-namespaces"),
            (
                "# May I read the log of a pod? (pods/log would ask for the pod named log)",
                "kubectl auth can-i get pods --subresource=log",
            ),
            ("# What may I do in namespace dev?", "kubectl auth can-i --list --namespace=dev"),
        ],
        flags: &[CAN_I],
        run: Run::Own(auth::can_i),
        ..BLANK
    },
    Command {
        name: "reconcile",
        usage: "-f FILENAME",
        short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
        flags: &[FILES, WRITING, OUTPUT, RECONCILE],
        run: Run::Own(reconcile::run),
        ..BLANK
    },
    Command {
        name: "whoami",
        short: "Experimental: Check self subject attributes",
        flags: &[OUTPUT],
        run: Run::Own(auth::whoami),
        ..BLANK
    },
];

/// `kubectl config …`
pub static CONFIG: &[Command] = &[
    Command {
        name: "current-context",
        short: "Display the current-context",
        run: Run::Own(config::current_context),
        ..BLANK
    },
    Command {
        name: "delete-cluster",
        usage: "NAME",
        short: "Delete the specified cluster from the kubeconfig",
        run: Run::Own(config::delete_cluster),
        ..BLANK
    },
    Command {
        name: "delete-context",
        usage: "NAME",
        short: "Delete the specified context from the kubeconfig",
        run: Run::Own(config::delete_context),
        ..BLANK
    },
    Command {
        name: "delete-user",
        usage: "NAME",
        short: "Delete the specified user from the kubeconfig",
        run: Run::Own(config::delete_user),
        ..BLANK
    },
    Command {
        name: "get-clusters",
        short: "Display clusters defined in the kubeconfig",
        run: Run::Own(config::get_clusters),
        ..BLANK
    },
    Command {
        name: "get-contexts",
        usage: "[(-o|--output=)name)]",
        short: "Describe one or many contexts",
        flags: &[GET_CONTEXTS],
        run: Run::Own(config::get_contexts),
        ..BLANK
    },
    Command {
        name: "get-users",
        short: "Display users defined in the kubeconfig",
        run: Run::Own(config::get_users),
        ..BLANK
    },
    Command {
        name: "rename-context",
        usage: "CONTEXT_NAME NEW_NAME",
        short: "Rename a context from the kubeconfig file",
        run: Run::Own(config::rename_context),
        ..BLANK
    },
    Command {
        name: "set",
        usage: "PROPERTY_NAME PROPERTY_VALUE",
        short: "Set an individual value in a kubeconfig file",
        flags: &[SET],
        run: Run::Own(config_set::set),
        ..BLANK
    },
    Command {
        name: "set-cluster",
        usage: "NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
        short: "Set a cluster entry in kubeconfig",
        flags: &[SET_CLUSTER],
        run: Run::Own(config_set::set_cluster),
        ..BLANK
    },
    Command {
        name: "set-context",
        usage: "[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
        short: "Set a context entry in kubeconfig",
        flags: &[SET_CONTEXT],
        run: Run::Own(config_set::set_context),
        ..BLANK
    },
    Command {
        name: "set-credentials",
        usage: "NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]",
        short: "Set a user entry in kubeconfig",
        flags: &[SET_CREDENTIALS],
        run: Run::Own(config_set::set_credentials),
        ..BLANK
    },
    Command {
        name: "unset",
        usage: "PROPERTY_NAME",
        short: "Unset an individual value in a kubeconfig file",
        run: Run::Own(config_set::unset),
        ..BLANK
    },
    Command {
        name: "use-context",
        aliases: &["use"],
        usage: "CONTEXT_NAME",
        short: "Set the current-context in a kubeconfig file",
        run: Run::Own(config::use_context),
        ..BLANK
    },
    Command {
        name: "view",
        short: "Display merged kubeconfig settings or a specified kubeconfig file",
        flags: &[OUTPUT, VIEW],
        run: Run::Own(config::view),
        ..BLANK
    },
];
