//! The kube-system/aws-auth ConfigMap: text into mappings, with its real tolerance and destructiveness (iam 4).
