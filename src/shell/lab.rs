//! `prepare-environment security/cam`: what the access lab of a public EKS workshop expects to find.
//!
//! It makes a cluster `eks-workshop` (or the one that `EKS_CLUSTER_NAME` names) with a node role, two small applications,
//! four IAM roles, the line of aws-auth for the administrators, the manifests that the lab applies, the `default`
//! kubeconfig context, and the variables. What is there already is kept. Names are those of the lab; all is made by the
//! tools a person would use, so it is one step of undo. Its Deployments
//! take over pods with the names that the lab shows.

use std::collections::BTreeMap;

use super::context::{CommandOutput, Context};
use super::io::Input;
use super::{aws, eksctl, kubectl};

const MODULE: &str = "security/cam";
const DIRECTORY: &str = "~/environment/eks-workshop/modules/security/cam/rbac";

/// The variables, and how the roles behind them end.
const ROLES: [(&str, &str); 4] = [
    ("READ_ONLY_IAM_ROLE", "read-only"),
    ("CARTS_TEAM_IAM_ROLE", "carts-team"),
    ("DEVELOPERS_IAM_ROLE", "developers"),
    ("ADMINS_IAM_ROLE", "admins"),
];

/// Deployments with their pods: namespace, name, pod.
const WORKLOADS: [(&str, &str, &str); 3] = [
    ("ui", "ui", "ui-7c7948bfc8-wbsbr"),
    ("carts", "carts", "carts-6d4478747c-vvzhm"),
    ("carts", "carts-dynamodb", "carts-dynamodb-d9f9f48b-k5v99"),
];

const FILES: [(&str, &str); 3] = [
    (
        "kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- role.yaml\n- rolebinding.yaml\n",
    ),
    (
        "role.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: carts-team-role\n  namespace: carts\nrules:\n\
         - apiGroups: [\"\"]\n  resources: [\"*\"]\n  verbs: [\"get\", \"list\", \"watch\"]\n\
         - apiGroups: [\"\"]\n  resources: [\"pods\"]\n  verbs: [\"delete\"]\n",
    ),
    (
        "rolebinding.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: carts-team-role-binding\n  \
         namespace: carts\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: carts-team-role\nsubjects:\n\
         - apiGroup: rbac.authorization.k8s.io\n  kind: Group\n  name: carts-team\n",
    ),
];

/// Runs `prepare-environment` with these arguments.
pub fn run(args: &[String], ctx: &mut Context<'_>) -> CommandOutput {
    match args {
        [] => {}
        [module] if module == MODULE => {}
        _ => return CommandOutput::fail(1, format!("prepare-environment: only {MODULE} is simulated\n")),
    }
    // The shell's own variables count, also those set in this very script.
    let env = ctx.env.clone();
    let cluster = env.get("EKS_CLUSTER_NAME").filter(|name| !name.is_empty()).cloned();
    let mut lab = Lab { ctx, env, cluster: cluster.unwrap_or_else(|| "eks-workshop".to_owned()) };
    match lab.prepare() {
        Ok(()) => CommandOutput {
            hint: Some(format!(
                "Ready: cluster {}, its roles, applications and manifests. Undo takes it back.",
                lab.cluster
            )),
            ..CommandOutput::default()
        },
        Err(output) => output,
    }
}

struct Lab<'a, 'b> {
    ctx: &'a mut Context<'b>,
    env: BTreeMap<String, String>,
    cluster: String,
}

/// A tool: what follows its name, and its surroundings.
type Tool = fn(&[String], &mut Context<'_>) -> CommandOutput;

impl Lab<'_, '_> {
    fn prepare(&mut self) -> Result<(), CommandOutput> {
        let cluster = self.cluster.clone();
        let node_role = format!("eksctl-{cluster}-nodegroup-defa-NodeInstanceRole-647HpxD4e9mr");
        let is_new = self.ctx.session.world().cluster(&cluster).is_none();
        if is_new {
            let cluster_role = self.role(&format!("eksctl-{cluster}-cluster-ServiceRole"))?;
            let node_role = self.role(&node_role)?;
            let mode = "authenticationMode=API_AND_CONFIG_MAP";
            let (subnets, name) = ("subnetIds=subnet-1,subnet-2", cluster.as_str());
            self.aws(&[
                "eks",
                "create-cluster",
                "--name",
                name,
                "--role-arn",
                &cluster_role,
                "--resources-vpc-config",
                subnets,
                "--access-config",
                mode,
            ])?;
            self.aws(&[
                "eks",
                "create-nodegroup",
                "--cluster-name",
                name,
                "--nodegroup-name",
                "default",
                "--node-role",
                &node_role,
                "--subnets",
                "subnet-1",
                "subnet-2",
            ])?;
        }
        self.aws(&["eks", "update-kubeconfig", "--name", &cluster, "--alias", "default", "--user-alias", "default"])?;
        if is_new {
            let nodes = ["--group", "system:bootstrappers", "--group", "system:nodes"];
            self.map(&node_role, "system:node:{{EC2PrivateDNSName}}", &nodes)?;
        }
        self.set("EKS_CLUSTER_NAME", cluster.clone())?;
        for (variable, end) in ROLES {
            let name = format!("{cluster}-{end}");
            let arn = self.role(&name)?;
            self.set(variable, arn)?;
            if end == "admins" {
                self.map(&name, "cluster-admin", &["--group", "system:masters"])?;
            }
        }
        self.tool(kubectl::run, &["--context", "default", "apply", "-f", "-"], &manifests())?;
        let directory = self.ctx.session.workstation().expand_home(DIRECTORY);
        for (name, text) in FILES {
            let written = self.ctx.session.workstation_mut().write_with_parents(&format!("{directory}/{name}"), text);
            written.map_err(|error| CommandOutput::fail(1, format!("prepare-environment: {name}: {error}\n")))?;
        }
        Ok(())
    }

    /// The ARN of a role, which is made if it is missing.
    fn role(&mut self, name: &str) -> Result<String, CommandOutput> {
        let world = self.ctx.session.world();
        if let Some(role) = world.roles.iter().find(|role| role.name == name) {
            return Ok(role.arn(&world.partition, &world.account));
        }
        let policy = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\
             \"Principal\":{{\"AWS\":\"arn:aws:iam::{}:root\"}}}}]}}",
            world.account
        );
        let query = ["--query", "Role.Arn", "--output", "text"];
        let create = ["iam", "create-role", "--role-name", name, "--assume-role-policy-document", &policy];
        let output = self.aws(&[&create[..], &query[..]].concat())?;
        Ok(output.trim().to_owned())
    }

    /// A line of aws-auth for a role, unless there is one like it.
    fn map(&mut self, role: &str, username: &str, groups: &[&str]) -> Result<(), CommandOutput> {
        let (cluster, arn) = (self.cluster.clone(), self.role(role)?);
        let start = [
            "create",
            "iamidentitymapping",
            "--cluster",
            &cluster,
            "--arn",
            &arn,
            "--username",
            username,
            "--no-duplicate-arns",
        ];
        self.tool(eksctl::run, &[&start[..], groups].concat(), "").map(|_| ())
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), CommandOutput> {
        let workstation = self.ctx.session.workstation_mut();
        workstation.exported.insert(name.to_owned());
        workstation
            .set_variable(name, value)
            .map_err(|error| CommandOutput::fail(1, format!("prepare-environment: {name}: {error}\n")))
    }

    fn aws(&mut self, args: &[&str]) -> Result<String, CommandOutput> {
        self.tool(aws::run, args, "")
    }

    /// Runs a tool and gives its output.
    fn tool(&mut self, tool: Tool, args: &[&str], stdin: &str) -> Result<String, CommandOutput> {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let output = tool(&args, &mut Context { session: self.ctx.session, env: &self.env, stdin: &Input::new(stdin) });
        if output.exit == 0 { Ok(output.stdout) } else { Err(output) }
    }
}

/// The namespaces and the applications in them.
fn manifests() -> String {
    let mut out = String::new();
    for namespace in ["ui", "carts", "catalog"] {
        out.push_str(&format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n---\n"));
    }
    for (namespace, name, pod) in WORKLOADS {
        let labels = format!("app.kubernetes.io/name: {name}");
        let container =
            format!("name: {name}\n{{indent}}  image: public.ecr.aws/aws-containers/retail-store-sample-{name}:0.8.5");
        let inner = |indent: &str| container.replace("{indent}", indent);
        // A Deployment takes over the pod that is there.
        out.push_str(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {pod}\n  namespace: {namespace}\n  labels:\n    {labels}\nspec:\n  \
             containers:\n  - {}\n---\n",
            inner("  ")
        ));
        out.push_str(&format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: {namespace}\nspec:\n  replicas: 1\n  \
             selector:\n    matchLabels:\n      {labels}\n  template:\n    metadata:\n      labels:\n        {labels}\n    spec:\n      \
             containers:\n      - {}\n---\n",
            inner("      ")
        ));
    }
    out
}
