aws eks list-access-policies --query "accessPolicies[?contains(name, 'AmazonEKSAdmin') || contains(name, 'ViewPolicy') || contains(name, 'EditPolicy') || contains(name, 'ClusterAdmin')].name"
aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API_AND_CONFIG_MAP
kubectl get configmap aws-auth -n kube-system -o yaml
AWS_PROFILE=k8s-admin-demo aws eks update-kubeconfig --name eks-demo-cluster --region ap-south-1
kubectl auth whoami
kubectl auth can-i '*' '*'
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn "arn:aws:iam::<ACCOUNTID>:user/k8s-admin"
kubectl auth can-i '*' '*'
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn "arn:aws:iam::<ACCOUNTID>:user/k8s-admin" --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy --access-scope type=cluster
kubectl auth can-i '*' '*'
aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API
kubectl auth can-i '*' '*'
kubectl apply -f - <<'EOF'
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
aws eks list-access-entries --cluster-name eks-demo-cluster
AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster --region ap-south-1
kubectl auth can-i list pods
kubectl auth can-i get pods --subresource=log
kubectl auth can-i watch pods -A
kubectl auth can-i delete pods
kubectl auth can-i list secrets
kubectl auth can-i --list
