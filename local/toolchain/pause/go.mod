module etcd-on-kubernetes/local/toolchain/pause

go 1.24
