aws iam create-role --role-name payments-oncall --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name data-platform --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name release-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name auditors --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-user --user-name maria
aws iam create-user --user-name tomasz
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/payments-oncall --kubernetes-groups oncall
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/data-platform --kubernetes-groups data-engineers
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/release-bot
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/auditors
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/maria --kubernetes-groups leads
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/release-bot --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy --access-scope type=namespace,namespaces=payments,search
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/auditors --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=cluster
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/maria --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy --access-scope type=namespace,namespaces=ledger
kubectl create namespace payments
kubectl create namespace search
kubectl create namespace ledger
kubectl create namespace staging
kubectl create clusterrole log-reader --verb=get,list --resource=pods,pods/log
kubectl create clusterrolebinding log-reader --clusterrole=log-reader --group=oncall
kubectl create role restarter -n payments --verb=patch,get --resource=deployments.apps
kubectl create rolebinding restarter -n payments --role=restarter --group=data-engineers
kubectl patch configmap aws-auth -n kube-system --type merge -p '{"data":{"mapRoles":"- rolearn: arn:aws:iam::111122223333:role/data-platform\n  username: data\n  groups:\n  - data-engineers\n"}}'
