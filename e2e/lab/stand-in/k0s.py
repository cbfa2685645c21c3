#!/usr/bin/env python3
"""The lab's stand-in for k0s: the part of its command line that the demo needs, for hosts where real k0s cannot be had.

It runs the real etcd, Kubernetes, kubelet and containerd of one controller and any number of workers. One file, since
machines download it as they would download k0s. What it leaves out: README.md beside it.
"""
import argparse, base64, gzip, ipaddress, json, os, re, secrets, shlex, shutil, signal, socket, ssl, subprocess
import sys, time, urllib.error, urllib.request
from pathlib import Path

VERSION = "v1.34.4+k0s.0"  # our services accept no other spelling of a version, so it says nothing of a stand-in
ROLES = ("controller", "worker")
RUN_DIR = Path("/run/k0s")
SELF = os.path.realpath(sys.argv[0])

def note(text):
    print(f"k0s (the lab's stand-in): {text}", file=sys.stderr, flush=True)

def fail(text):
    sys.exit(note(text) or 1)

# --- The service: install, start, stop, status, reset ---
UNIT = """[Unit]
Description=k0s, as the lab's stand-in plays it
ConditionFileIsExecutable={program}
After=network-online.target

[Service]
ExecStart={command}
Environment={environment}
Delegate=yes
KillMode=mixed
LimitNOFILE=999999
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""

def unit_path(role):
    return Path(f"/etc/systemd/system/k0s{role}.service")

def systemctl(*args):
    return subprocess.run(["systemctl", *args], capture_output=True, text=True)

def installed_role():
    return next((role for role in ROLES if unit_path(role).exists()), None)

def main_pid(role):
    return int(systemctl("show", "--property=MainPID", "--value", f"k0s{role}").stdout.strip() or 0)

def systemd_words(words):
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "%": "%%", "$": "$$"})
    return " ".join(f'"{word.translate(escapes)}"' for word in words)

def install(options, rest):
    check_role_flags(options.role, rest)
    unit = unit_path(options.role)
    if unit.exists() and not options.force:
        fail(f"the service exists already: {unit}")
    command, environment = systemd_words([SELF, options.role, *rest]), systemd_words(options.env)
    unit.write_text(UNIT.format(program=SELF, command=command, environment=environment))
    systemctl("daemon-reload")
    systemctl("enable", unit.name)

def switch(verb, wanted):
    role = installed_role() or fail("k0s has not been installed as a service")
    if (main_pid(role) != 0) == wanted:
        fail("already running" if wanted else "it is not running")
    result = systemctl(verb, f"k0s{role}")
    return result.returncode == 0 or fail(result.stderr.strip())

def status():
    role = installed_role()
    pid = (main_pid(role) if role else 0) or fail("it is not running")
    print(f"Version: {VERSION}\nProcess ID: {pid}\nRole: {role}\nWorkloads: {str(role == 'worker').lower()}")
    print("SingleNode: false\nStand-in: true")

def reset(options):
    role = installed_role()
    if role:
        if main_pid(role):
            fail("it is still running: stop it before reset")
        systemctl("disable", f"k0s{role}")
        unit_path(role).unlink()
        systemctl("daemon-reload")
    end_pods()
    for folder in (options.data_dir, options.kubelet_root_dir or RUN_DIR, RUN_DIR):
        empty(Path(folder))
    shutil.rmtree(RUN_DIR, ignore_errors=True)

def end_pods():
    """Their processes outlive the service, as with k0s: they have cgroups of their own."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if "/kubepods" in (process / "cgroup").read_text():
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            pass  # it ended by itself

def empty(folder):
    """Leaves the folder itself, which may be a mount."""
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted((it for it in points if it.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", point], check=False)
    for entry in folder.iterdir() if folder.exists() else ():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()

# --- Certificates: authorities as bootstrap wrote them, or made; the rest new at each start ---
CLIENTS = {  # name: (authority, subject)
    "admin": ("ca", "/O=system:masters/CN=kubernetes-admin"),
    "ccm": ("ca", "/O=system:kube-controller-manager/CN=system:kube-controller-manager"),
    "scheduler": ("ca", "/O=system:kube-scheduler/CN=system:kube-scheduler"),
    "apiserver-kubelet-client": ("ca", "/O=system:masters/CN=apiserver-kubelet-client"),
    "front-proxy-client": ("front-proxy-ca", "/CN=front-proxy-client"),
    "apiserver-etcd-client": ("etcd/ca", "/CN=apiserver-etcd-client"),
}

def openssl(*args, **options):
    result = subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True, **options)
    return result.returncode == 0 or fail(f"openssl {args[0]}: {result.stderr.strip()}")

def certify(path, subject, extensions, signer=()):
    """Key and certificate at path.key and path.crt; its configuration on stdin keeps the host's own out of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    added = [word for extension in extensions for word in ("-addext", extension)]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{path}.key"]
    openssl("req", "-x509", "-config", "/dev/stdin", *key, "-days", 365, "-subj", subject, *added, *signer,
            "-set_serial", secrets.randbits(120), "-out", f"{path}.crt", input="[req]\ndistinguished_name=dn\n[dn]\n")

def issue(path, authority, subject, names=()):
    extensions = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature,keyEncipherment",
                  "extendedKeyUsage=serverAuth,clientAuth"]
    spelled = [f"{'IP' if re.fullmatch('[0-9.]+|.*:.*', name) else 'DNS'}:{name}" for name in dict.fromkeys(names)]
    if spelled:
        extensions.append(f"subjectAltName={','.join(spelled)}")
    certify(path, subject, extensions, ["-CA", f"{authority}.crt", "-CAkey", f"{authority}.key"])

def ensure_pki(pki, cluster):
    for name in ("ca", "etcd/ca", "front-proxy-ca"):
        if not (pki / f"{name}.crt").exists():
            certify(pki / name, "/CN=kubernetes-ca", ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"])
    if not (pki / "sa.key").exists():
        openssl("genrsa", "-out", pki / "sa.key", 2048)
        openssl("rsa", "-in", pki / "sa.key", "-pubout", "-out", pki / "sa.pub")
    service = "kubernetes.default.svc"
    names = ["kubernetes", "kubernetes.default", service, f"{service}.{cluster.domain}", "localhost", "127.0.0.1"]
    issue(pki / "server", pki / "ca", "/CN=kubernetes", [*names, cluster.address, cluster.service_ip, *cluster.sans])
    issue(pki / "etcd/server", pki / "etcd/ca", "/CN=etcd-server", ["localhost", "127.0.0.1"])
    issue(pki / "etcd/peer", pki / "etcd/ca", "/CN=etcd-peer", [cluster.address])
    for name, (authority, subject) in CLIENTS.items():
        issue(pki / name, pki / authority, subject)
    for user, host in (("admin", cluster.external), ("ccm", "localhost"), ("scheduler", "localhost")):
        (pki / f"{user}.conf").write_text(kubeconfig(pki, user, f"https://{host}:{cluster.port}"))

def kubeconfig(pki, user, server):
    authority, certificate, key = (base64.b64encode((pki / name).read_bytes()).decode()
                                   for name in ("ca.crt", f"{user}.crt", f"{user}.key"))
    return json.dumps({  # JSON is YAML
        "apiVersion": "v1", "kind": "Config", "current-context": "Default",
        "clusters": [{"name": "local", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "contexts": [{"name": "Default", "context": {"cluster": "local", "user": "user"}}],
        "users": [{"name": "user", "user": {"client-certificate-data": certificate, "client-key-data": key}}],
    }, indent=2)

# --- The controller ---
COMMANDS = {
    "etcd": """--name={name} --data-dir={data}/etcd --initial-cluster={name}=https://{address}:2380
        --listen-client-urls=https://127.0.0.1:2379 --advertise-client-urls=https://127.0.0.1:2379
        --listen-peer-urls=https://{address}:2380 --initial-advertise-peer-urls=https://{address}:2380
        --cert-file={pki}/etcd/server.crt --key-file={pki}/etcd/server.key --client-cert-auth
        --peer-cert-file={pki}/etcd/peer.crt --peer-key-file={pki}/etcd/peer.key --peer-client-cert-auth
        --trusted-ca-file={pki}/etcd/ca.crt --peer-trusted-ca-file={pki}/etcd/ca.crt""",
    "kube-apiserver": """--secure-port={port} --advertise-address={address} --service-cluster-ip-range={service_cidr}
        --authorization-mode=Node,RBAC --enable-bootstrap-token-auth --enable-admission-plugins=NodeRestriction
        --anonymous-auth=false --allow-privileged --client-ca-file={pki}/ca.crt
        --tls-cert-file={pki}/server.crt --tls-private-key-file={pki}/server.key
        --etcd-servers=https://127.0.0.1:2379 --etcd-cafile={pki}/etcd/ca.crt
        --etcd-certfile={pki}/apiserver-etcd-client.crt --etcd-keyfile={pki}/apiserver-etcd-client.key
        --service-account-issuer=https://kubernetes.default.svc --service-account-key-file={pki}/sa.pub
        --service-account-signing-key-file={pki}/sa.key --kubelet-preferred-address-types=InternalIP,Hostname
        --kubelet-client-certificate={pki}/apiserver-kubelet-client.crt
        --kubelet-client-key={pki}/apiserver-kubelet-client.key
        --proxy-client-cert-file={pki}/front-proxy-client.crt --proxy-client-key-file={pki}/front-proxy-client.key
        --requestheader-client-ca-file={pki}/front-proxy-ca.crt --requestheader-allowed-names=front-proxy-client
        --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group""",
    "kube-controller-manager": """--kubeconfig={pki}/ccm.conf --authentication-kubeconfig={pki}/ccm.conf
        --authorization-kubeconfig={pki}/ccm.conf --bind-address=127.0.0.1 --leader-elect=false --cluster-name=k0s
        --controllers=*,bootstrapsigner,tokencleaner --use-service-account-credentials --allocate-node-cidrs
        --cluster-cidr={pod_cidr} --service-cluster-ip-range={service_cidr} --root-ca-file={pki}/ca.crt
        --client-ca-file={pki}/ca.crt --requestheader-client-ca-file={pki}/front-proxy-ca.crt
        --cluster-signing-cert-file={pki}/ca.crt --cluster-signing-key-file={pki}/ca.key
        --service-account-private-key-file={pki}/sa.key""",
    "kube-scheduler": """--kubeconfig={pki}/scheduler.conf --authentication-kubeconfig={pki}/scheduler.conf
        --authorization-kubeconfig={pki}/scheduler.conf --bind-address=127.0.0.1 --leader-elect=false""",
}

class Cluster:
    """What is read of k0s's ClusterConfig. Our services write it as JSON, so no YAML is read."""
    def __init__(self, path):
        try:
            spec = json.loads(Path(path).read_text()).get("spec", {}) if path else {}
        except ValueError:
            fail(f"{path} is not JSON, and there is no reader of YAML here")
        api, network, storage = (spec.get(key, {}) for key in ("api", "network", "storage"))
        if storage.get("type", "etcd") != "etcd" or storage.get("etcd", {}).get("externalCluster"):
            fail("data is kept in an etcd of its own only, anything else needs real k0s: set K0S_DIR")
        self.address = api.get("address") or subprocess.check_output(["hostname", "-I"], text=True).split()[0]
        self.external = api.get("externalAddress") or self.address
        self.port = api.get("port", 6443)
        self.sans = [*api.get("sans", []), self.external]
        self.service_cidr = network.get("serviceCIDR", "10.96.0.0/12")
        self.service_ip = str(ipaddress.ip_network(self.service_cidr)[1])
        self.pod_cidr = network.get("podCIDR", "10.244.0.0/16")
        self.domain = network.get("clusterDomain", "cluster.local")
        of = {"etcd": storage.get("etcd", {}), "kube-apiserver": api, "kube-scheduler": spec.get("scheduler", {}),
              "kube-controller-manager": spec.get("controllerManager", {})}
        self.extra = {part: config.get("extraArgs", {}) for part, config in of.items()}
        self.name = self.extra["etcd"].pop("name", socket.gethostname())

    def command(self, part, data):
        flags = COMMANDS[part].format(data=data, pki=data / "pki", **vars(self)).split()
        return [part, *flags, *(f"--{name}={value}" for name, value in self.extra[part].items())]

def run_controller(options):
    data = Path(options.data_dir)
    cluster = Cluster(options.config)
    ensure_pki(data / "pki", cluster)
    (data / "etcd").mkdir(mode=0o700, exist_ok=True)
    parts = Supervisor()
    parts.start(cluster.command("etcd", data))
    parts.wait_for("etcd", lambda: socket.create_connection(("127.0.0.1", 2379), 1).close())
    parts.start(cluster.command("kube-apiserver", data))
    call = api_caller(data / "pki", cluster.port)
    parts.wait_for("the API server", lambda: call("/readyz"))
    parts.start(cluster.command("kube-controller-manager", data))
    parts.start(cluster.command("kube-scheduler", data))
    parts.wait_for("the rights of joining workers", lambda: let_workers_join(call))
    parts.until_one_ends()

def api_caller(pki, port):
    trust = ssl.create_default_context(cafile=pki / "ca.crt")
    trust.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    def call(path, body=None):
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"https://localhost:{port}{path}", data, {"Content-Type": "application/json"})
        return urllib.request.urlopen(request, timeout=5, context=trust).read()
    return call

CSR = "system:certificates.k8s.io:certificatesigningrequests"
RIGHTS = (("kubelet-bootstrap", "system:node-bootstrapper", "system:bootstrappers"),
          ("node-autoapprove-bootstrap", f"{CSR}:nodeclient", "system:bootstrappers"),
          ("node-autoapprove-certificate-rotation", f"{CSR}:selfnodeclient", "system:nodes"))

def let_workers_join(call):
    """The rights that k0s itself gives: to ask for a kubelet's certificate and to have it approved."""
    group = "rbac.authorization.k8s.io"
    for name, role, members in RIGHTS:
        binding = {"metadata": {"name": name}, "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
                   "subjects": [{"apiGroup": group, "kind": "Group", "name": members}]}
        try:
            call(f"/apis/{group}/v1/clusterrolebindings", binding)
        except urllib.error.HTTPError as error:
            if error.code != 409:  # it is there already
                raise

# --- The worker ---
CONTAINERD = """version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "quay.io/k0sproject/pause:3.10.1"
  restrict_oom_score_adj = true # where CAP_SYS_RESOURCE is missing nobody may lower an OOM score
  enable_unprivileged_ports = true
"""

def run_worker(options):
    data, sock = Path(options.data_dir), RUN_DIR / "containerd.sock"
    (data / "kubelet").mkdir(parents=True, exist_ok=True)
    RUN_DIR.mkdir(exist_ok=True)
    if not (data / "kubelet.conf").exists():  # a worker that has joined needs no token any more
        read_token(options.token_file, data)
    (RUN_DIR / "containerd.toml").write_text(CONTAINERD)
    (RUN_DIR / "kubelet.json").write_text(json.dumps({
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "rotateCertificates": True,
        "authentication": {"x509": {"clientCAFile": f"{data}/kubelet/ca.crt"}, "anonymous": {"enabled": False}},
        "containerRuntimeEndpoint": f"unix://{sock}", "cgroupDriver": "cgroupfs", "failSwapOn": False,
        "clusterDNS": ["10.96.0.10"], "clusterDomain": "cluster.local",
        # A developer's disk may be nearly full, which is no reason to send pods away.
        "evictionHard": {"nodefs.available": "1%", "imagefs.available": "1%", "memory.available": "100Mi"},
    }))
    parts = Supervisor()
    parts.start(["containerd", f"--root={data}/containerd", f"--state={RUN_DIR}/containerd", f"--address={sock}",
                 f"--config={RUN_DIR}/containerd.toml"])
    parts.wait_for("containerd", lambda: socket.socket(socket.AF_UNIX).connect(str(sock)))
    parts.start(["kubelet", f"--root-dir={data}/kubelet", f"--cert-dir={data}/kubelet/pki",
                 f"--config={RUN_DIR}/kubelet.json", f"--kubeconfig={data}/kubelet.conf",
                 f"--bootstrap-kubeconfig={data}/bootstrap.conf", f"--node-labels={options.labels}",
                 *shlex.split(options.kubelet_extra_args)])
    parts.until_one_ends()

def read_token(path, data):
    try:
        bootstrap = gzip.decompress(base64.b64decode(Path(path).read_text())).decode()
        authority = re.search(r'certificate-authority-data"?:\s*"?([A-Za-z0-9+/=]+)', bootstrap).group(1)
    except (OSError, ValueError, EOFError, AttributeError):
        fail(f"there is no join token in {path or 'any file: give --token-file'}")
    (data / "bootstrap.conf").write_text(bootstrap)
    (data / "kubelet/ca.crt").write_bytes(base64.b64decode(authority))

# --- Processes ---
class Supervisor:
    """Children in the order of their start. When one ends all end, and systemd starts everything again."""

    def __init__(self):
        self.children = {}
        signal.signal(signal.SIGTERM, lambda *_: self.end(0))

    def start(self, command):
        program = shutil.which(command[0]) or fail(f"{command[0]} is not on PATH")
        self.children[command[0]] = subprocess.Popen([program, *command[1:]])

    def wait_for(self, what, look, seconds=120):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return look()
            except OSError as error:  # those of HTTP and TLS are among them
                ended = [name for name, child in self.children.items() if child.poll() is not None]
                if ended or time.monotonic() > deadline:
                    note(f"{what} did not come: {f'{ended[0]} ended' if ended else error}")
                    self.end(1)
            time.sleep(0.2)

    def until_one_ends(self):
        note(f"running {', '.join(self.children)}; this is not k0s")
        pid, _ = os.wait()
        note(f"{next((name for name, child in self.children.items() if child.pid == pid), pid)} ended")
        self.end(1)

    def end(self, code):
        for child in reversed(self.children.values()):
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
        os._exit(code)

# --- Command line ---
def check_role_flags(role, words):
    flags = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in ("--config", "--token-file", "--labels", "--kubelet-extra-args", "--disable-components"):
        flags.add_argument(name, default="")
    flags.add_argument("--data-dir", default="/var/lib/k0s")
    for name in ("--enable-dynamic-config", "--enable-worker", "--single"):
        flags.add_argument(name, nargs="?", const="true", default="false")
    options, unknown = flags.parse_known_args(words)
    for word in unknown:
        note(f"ignoring {word.split('=')[0]}")
    if role == "controller" and options.token_file:
        fail("no second controller can join here, that needs real k0s: set K0S_DIR")
    if role == "controller" and "true" in (options.enable_worker, options.single):
        fail("there is neither --enable-worker nor --single, they need real k0s: set K0S_DIR")
    return options

def print_kubeconfig(options):
    try:
        print(Path(options.data_dir, "pki/admin.conf").read_text())
    except OSError:
        fail("no controller has been started on this host")

def main():
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="k0s", description=__doc__.splitlines()[0], allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name in ("version", "start", "stop", "status", "reset", "install", "kubeconfig", *ROLES):
        verb = verbs.add_parser(name, allow_abbrev=False)
        if name == "install":
            verb.add_argument("role", choices=ROLES)
            verb.add_argument("--force", action="store_true")
            verb.add_argument("--env", action="append", default=[])
        if name in ("reset", "kubeconfig"):
            verb.add_argument("--data-dir", default="/var/lib/k0s")
            verb.add_argument("--kubelet-root-dir")
        if name == "kubeconfig":
            verb.add_argument("user", choices=["admin"])
    options, rest = parser.parse_known_args()
    actions = {
        "version": lambda: print(VERSION), "status": status, "kubeconfig": lambda: print_kubeconfig(options),
        "start": lambda: switch("start", True), "stop": lambda: switch("stop", False),
        "reset": lambda: reset(options), "install": lambda: install(options, rest),
        "controller": lambda: run_controller(check_role_flags("controller", rest)),
        "worker": lambda: run_worker(check_role_flags("worker", rest)),
    }
    actions[options.verb]()

if __name__ == "__main__":
    main()
