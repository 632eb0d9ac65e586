//! EKS API shapes, named as the API names them.
