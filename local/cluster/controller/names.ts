/** The default storage class, by the name that other one-node clusters use. */
export const storageClassName = "local-path";

/** What claims of the class are annotated with for the provisioner to take them up. */
export const provisionerName = "etcd-on-kubernetes/local-path";
