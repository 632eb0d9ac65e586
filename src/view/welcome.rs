//! What the terminal says at the start, and the scripts that one click runs.

use super::access_path::{Verdict, answer};
use super::question::Question;
use super::who::Who;
use crate::session::Snapshot;

/// A script that is ready to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    /// The text of its button.
    pub label: &'static str,
    /// The commands.
    pub text: &'static str,
}

/// The scripts that the terminal offers at the start.
pub const SCRIPTS: &[Script] = &[
    Script { label: "Who am I?", text: "kubectl auth whoami" },
    Script { label: "List the access entries", text: "aws eks list-access-entries --cluster-name eks-demo-cluster" },
    Script { label: "Run the walkthrough", text: WALKTHROUGH },
];

/// From aws-auth to access entries: an administrator moves over, a developer gets read access to pods.
const WALKTHROUGH: &str = r#"aws eks list-access-policies --query 'accessPolicies[].name'
kubectl get configmap aws-auth -n kube-system -o yaml
AWS_PROFILE=k8s-admin-demo aws eks update-kubeconfig --name eks-demo-cluster --region ap-south-1
kubectl auth can-i '*' '*'
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn "arn:aws:iam::<ACCOUNTID>:user/k8s-admin"
kubectl auth can-i '*' '*'
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn "arn:aws:iam::<ACCOUNTID>:user/k8s-admin" --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy --access-scope type=cluster
kubectl auth can-i '*' '*'
aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API
cat <<'EOF' | kubectl apply -f -
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: pod-viewer
rules:
- apiGroups: [""]
  resources: ["pods", "pods/log"]
  verbs: ["list", "get", "watch"]
EOF
kubectl create clusterrolebinding pod-viewer --clusterrole=pod-viewer --group=developer
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn "arn:aws:iam::<ACCOUNTID>:user/k8s-dev" --kubernetes-group developer
AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster --region ap-south-1
kubectl auth can-i list pods
kubectl auth can-i delete pods
"#;

/// What this is, in a breath.
pub const INTRO: &str = "An Amazon EKS cluster, simulated in this page. Change who has access, by the pages or by the \
                         real aws and kubectl commands, and watch the answer and its reasons change.";

/// Somebody whose question shows a refusal, in the world that the playground starts with.
pub fn somebody_refused(now: &Snapshot) -> Option<(String, Question)> {
    let cluster = now.world.clusters.first()?;
    now.world.users.iter().find_map(|user| {
        let question =
            Question { who: Who::Principal(user.arn(&now.world.partition, &now.world.account)), ..Question::default() };
        (answer(now, cluster, &question).verdict == Verdict::Unauthorized).then(|| (user.name.clone(), question))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn the_first_world_has_somebody_to_let_in() {
        let (name, question) = somebody_refused(&scenario::walkthrough()).unwrap();
        assert_eq!(name, "k8s-dev");
        assert_eq!(question.who, Who::Principal("arn:aws:iam::111122223333:user/k8s-dev".into()));
    }
}
