# Falco: events as Falco itself writes them (JSON output, http_output) and as Falcosidekick's webhook passes them on.

# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];
# Falco writes <NA> for a field without a value, and "host" as the container of what runs in none.
def said: text | if . == "<NA>" or . == "N/A" then null else . end;
def pick(f): first(f | said | values) // null;

def severities:
  {
    emergency: "critical", alert: "critical", critical: "critical", error: "high", warning: "medium", notice: "low",
    informational: "informational", info: "informational", debug: "informational"
  };
def severity: severities[text // "" | ascii_downcase];

# Sites may leave out output, tags or output_fields, but rule and priority are always there. CloudEvents that carry both as
# extensions are another source's.
def recognises:
  type == "object" and (.rule | type == "string") and (.priority | severity != null)
  and (has("specversion") or has("data") | not)
  and ((.output_fields | type == "object") or (.output | type == "string"))
  and count(
    (.output | type == "string"), (.output_fields | type == "object"), (.time | type == "string"), (.source | type == "string"),
    (.tags | type == "array"), (.hostname | type == "string")
  ) >= 3;

def technique: text // "" | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null));

def entity($kind; $role): said | values | {kind: $kind, value: ., role: $role, provenance: "field"};
def facet($key; $set_by): {key: $key, value: said, set_by: $set_by};

# "203.0.113.9:4444" and "192.0.2.5:53312->203.0.113.9:4444" name a connection, the latter with its far end last.
def is_connection: contains(":") and (startswith("/") | not);

# The parts of an event, by what it was read from: the kernel, the Kubernetes audit log or a plugin's log of a cloud service.
def kernel($host):
  pick(.["container.id"]) as $id
  | ($id != null and $id != "host") as $contained
  | pick(.["k8s.deployment.name"], .["k8smeta.deployment.name"], .["k8s.rc.name"], .["k8smeta.rc.name"]) as $workload
  | pick(.["k8s.pod.name"], .["k8smeta.pod.name"]) as $pod
  | pick(.["k8s.ns.name"], .["k8smeta.ns.name"]) as $namespace
  | pick(.["container.name"]) as $container
  | pick(.["container.image.repository"], .["container.image"]) as $image
  | pick(.["user.name"]) as $user
  | pick(.["proc.exepath"], .["proc.name"]) as $process
  | pick(.["fd.name"], .["fs.path.name"], .["evt.arg.path"], .["evt.arg.name"]) as $object
  | pick(.["fd.rip"], .["fd.cip"]) as $far
  | {
      # What lasts is the target: a workload rather than its pod, a pod rather than its container, the node only where there is no pod.
      entities: [
        ($workload | entity("service"; "target.service")),
        ($pod | entity("pod"; if $workload then "related.pod" else "target.pod" end)),
        (if $contained then
           ($container // $id | entity("container"; if $pod then "related.container" else "target.container" end)),
           (if $container then $id | entity("container"; "related.container") else empty end)
         else empty end),
        ($host | entity("host"; if $pod then "related.host" else "target.host" end)),
        ($user | entity("user"; "actor.user")),
        ($process | entity("process"; "related.process")),
        (pick(.["proc.pexepath"], .["proc.pname"]) | entity("process"; "related.process")),
        ($object | values
          | if is_connection then
              (if $far then empty else split("->") | last | entity("ip"; "related.ip") end)
            elif startswith("/") then entity("file"; "related.file") else empty end),
        ($far, .["fd.sip"] | entity("ip"; "related.ip")),
        (pick(.["fd.sip.name"], .["fd.rip.name"]) | entity("domain"; "related.domain")) ],
      facets: [
        (if $contained and ($pod or $namespace) then
           ($namespace | facet("namespace"; "environment")), ($container // $image | facet("container"; "environment"))
         elif $contained then
           ($host | facet("host"; "environment")), ($container // $image | facet("container"; "environment"))
         else $host | facet("host"; "environment") end),
        # A rule's own output text decides which fields its events have.
        (if has("user.name") then $user | facet("user"; "environment") else empty end),
        (if has("proc.name") or has("proc.exepath") then $process | facet("process"; "actor") else empty end),
        (if $object != null and ($object | startswith("/")) then $object | facet("file"; "actor") else empty end) ],
      about: [
        $host, $namespace, $workload // $pod,
        (if $contained then $container // $image // $id else null end),
        $user, $process,
        ($object | if . == null then null elif is_connection then $far // (split("->") | last) else . end) ]
    };

def audit($host):
  pick(.["ka.target.name"]) as $target | pick(.["ka.target.resource"]) as $resource
  | pick(.["ka.target.namespace"]) as $namespace | pick(.["ka.user.name"]) as $user
  | {
      entities: [
        ($user | entity("user"; "actor.user")),
        (.["ka.sourceips"] | list[], text | entity("ip"; "source.ip")),
        ($target
          | if $resource == "pods" then entity("pod"; "target.pod")
            elif $resource == "services" or $resource == "deployments" or $resource == "daemonsets" or $resource == "statefulsets" then
              entity("service"; "target.service")
            else empty end),
        (.["ka.target.pod.name"] | entity("pod"; "target.pod")),
        ($host | entity("host"; "related.host")) ],
      facets: [
        ($namespace | facet("namespace"; "environment")), ($user | facet("user"; "environment")),
        (.["ka.verb"] | facet("verb"; "actor")) ],
      about: [$namespace, $resource, $target, $user, pick(.["ka.verb"])]
    };

# CloudTrail, Google Cloud audit, Okta and GitHub, whose plugins name the same things by their own prefix.
def service($host):
  pick(.["ct.user"], .["ct.user.arn"], .["gcp.user"], .["okta.actor.alternateid"], .["github.user"]) as $user
  | pick(.["ct.user.accountid"], .["ct.recipientaccountid"], .["gcp.projectId"], .["github.owner"], .["okta.org"]) as $account
  | pick(.["s3.bucket"], .["gcp.storage.bucket"]) as $bucket
  | pick(.["ec2.instanceid"], .["gcp.instance"]) as $instance
  | pick(.["ct.name"], .["gcp.methodName"], .["okta.evt.type"], .["github.type"]) as $call
  | pick(.["github.repo"], .["gcp.serviceName"], .["ct.src"]) as $of
  | {
      entities: [
        ($user | entity("user"; "actor.user")),
        # These services answer only over TLS.
        (pick(.["ct.srcip"], .["gcp.callerIP"], .["okta.client.ip"]) | entity("ip"; "source.ip") | . + {handshake: true}),
        ($bucket | entity("bucket"; "target.bucket")), ($instance | entity("instance"; "target.instance")),
        ($of | entity("service"; "target.service")),
        ($account | entity("account"; if $bucket or $instance or $of then "related.account" else "target.account" end)),
        ($host | entity("host"; "related.host")) ],
      facets: [
        ($account | facet("account"; "environment")), ($user | facet("user"; "environment")), ($call | facet("call"; "actor")) ],
      about: [$account, $of, $bucket, $instance, $user, $call, pick(.["ct.srcip"], .["gcp.callerIP"], .["okta.client.ip"])]
    };

def alert:
  . as $post | obj
  | (.output_fields | obj) as $fields
  | pick(.hostname) as $host
  | (.source | text // "syscall") as $source
  | ($fields
     | if $source == "k8s_audit" then audit($host)
       elif $source == "syscall" or $source == "syscalls" or $source == "internal" then kernel($host)
       elif .["proc.name"] or .["container.id"] then kernel($host)
       else service($host) end) as $read
  | pick(.rule) as $rule
  | {
      title: $rule,
      detection_id: $rule,
      rule_version: null,
      severity: (.priority | severity),
      raw_severity: (.priority | text),
      occurred_at: ([.time, $fields["evt.time"], $fields["evt.time.iso8601"]
                     | select(type == "number" or (type == "string" and . != ""))][0]),
      # Falco tells what happened, never that it is over.
      status: "firing",
      entities: $read.entities,
      facets: $read.facets,
      attack: ([.tags | list[] | technique] | unique),
      occurrence_id: pick(.uuid),
      about: (if $read.about | map(select(.)) == [] then [$post | if type == "object" then del(.uuid, .time) else . end | tojson]
              else $read.about end),
      owner_hints: [],
      links: [],
      payload: $post
    };

# Falcosidekick's own test, which someone asks for by its /test endpoint.
def is_test: obj | .rule == "Test rule" and (.output | text // "" | startswith("This is a test from falcosidekick"));

def one: if is_test then {control: "test"} else alert end;
# An array none of whose members is whole comes here as it is.
def alerts: if type == "array" and . != [] then .[] | one else one end;
