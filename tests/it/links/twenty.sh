aws iam create-role --role-name quilo --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name turlo-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name nasnas --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name lotendan-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name lodanlo-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name nasvorten-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name tenpe-dev --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name lope-team7 --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name belgrogro-dev --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name danmir-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name belgroxo-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name nassul-dev --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name naslomir-bot12 --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name belturfin-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name mirri-team --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name loxo-bot --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name xoquitur --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name sultenfin --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name vordanqui-team --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
aws iam create-role --role-name mirsulgro-team --assume-role-policy-document '{"Version":"2012-10-17","Statement":[]}'
kubectl create namespace quiquiqui
kubectl create namespace quilope
kubectl create namespace grosul
kubectl create namespace lotenka-bot
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/quilo --kubernetes-groups vornasri-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/turlo-bot
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/nasnas --kubernetes-groups vornasri-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/lotendan-bot
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/lodanlo-bot --kubernetes-groups quidanvor
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/nasvorten-bot --kubernetes-groups vordan-ops
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/tenpe-dev --kubernetes-groups finsul-dev
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/lope-team7 --kubernetes-groups finsul-dev
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/belgrogro-dev
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/danmir-bot --kubernetes-groups finsul-dev
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/belgroxo-bot --kubernetes-groups quidanvor
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/nassul-dev --kubernetes-groups vordan-ops
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/naslomir-bot12
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/belturfin-bot --kubernetes-groups belvorlo-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/mirri-team --kubernetes-groups vornasri-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/loxo-bot --kubernetes-groups kavornas-bot
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/xoquitur --kubernetes-groups belvorlo-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/sultenfin --kubernetes-groups vornasri-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/vordanqui-team
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/mirsulgro-team --kubernetes-groups belvorlo-team
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/quilo --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy --access-scope type=namespace,namespaces=grosul
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/turlo-bot --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy --access-scope type=namespace,namespaces=grosul
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/nasnas --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy --access-scope type=namespace,namespaces=grosul
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/lotendan-bot --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy --access-scope type=namespace,namespaces=quilope
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/lodanlo-bot --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy --access-scope type=namespace,namespaces=quilope
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/nasvorten-bot --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=namespace,namespaces=grosul
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/tenpe-dev --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy --access-scope type=namespace,namespaces=grosul
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/lope-team7 --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy --access-scope type=cluster
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/belgrogro-dev --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy --access-scope type=namespace,namespaces=grosul
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/danmir-bot --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=cluster
kubectl create role finpe-dev-role -n quilope --verb=delete,patch --resource=deployments.apps
kubectl create rolebinding finpe-dev-role-b -n quilope --role=finpe-dev-role --group=belvorlo-team
kubectl create role mirtenqui-ops-role -n lotenka-bot --verb=create --resource=pods,deployments.apps
kubectl create rolebinding mirtenqui-ops-role-b -n lotenka-bot --role=mirtenqui-ops-role --group=finsul-dev
kubectl create role mirsulsul-ops-role -n quiquiqui --verb=delete --resource=jobs.batch,secrets
kubectl create rolebinding mirsulsul-ops-role-b -n quiquiqui --role=mirsulsul-ops-role --group=kavornas-bot
kubectl create role turvorvor-role -n quiquiqui --verb=patch,get,list --resource=secrets,jobs.batch
kubectl create rolebinding turvorvor-role-b -n quiquiqui --role=turvorvor-role --group=vornasri-team
kubectl create role pexodan-bot-role -n grosul --verb=delete,create --resource=pods
kubectl create rolebinding pexodan-bot-role-b -n grosul --role=pexodan-bot-role --group=belvorlo-team
kubectl create role gronasvor-bot-role -n quilope --verb=delete,get,create --resource=services
kubectl create rolebinding gronasvor-bot-role-b -n quilope --role=gronasvor-bot-role --group=vornasri-team
kubectl create role sulvor-team-role -n quiquiqui --verb=get,watch,create --resource=services
kubectl create rolebinding sulvor-team-role-b -n quiquiqui --role=sulvor-team-role --group=vornasri-team
kubectl create role peri-role -n quiquiqui --verb=create,delete,get --resource=deployments.apps
kubectl create rolebinding peri-role-b -n quiquiqui --role=peri-role --group=vordan-ops
kubectl create role rigro-bot-role -n lotenka-bot --verb=list,delete,watch --resource=deployments.apps
kubectl create rolebinding rigro-bot-role-b -n lotenka-bot --role=rigro-bot-role --group=quidanvor
kubectl create role tenquigro-dev-role -n quiquiqui --verb=list,create,get --resource=jobs.batch
kubectl create rolebinding tenquigro-dev-role-b -n quiquiqui --role=tenquigro-dev-role --group=vordan-ops
