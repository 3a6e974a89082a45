# SentinelOne: activities, threats and the alerts of custom rules, as the API gives them and as exports in lower case do; alone, in an
# array, or in the `data` of an answer.

def number: [tonumber?][0];
def moment_of(f): first(f | if type == "number" then . else strings | text end | values) // null;
# Only some exporters keep the case of the keys.
def low: obj | reduce to_entries[] as {$key, $value} ({}; .[$key | ascii_downcase] = $value);

def is_activity: (.activitytype | text) and count(
    (.activityuuid | text), (.primarydescription | text), (.agentid | text), (.accountid | text), (.siteid | text), (.groupid | text),
    (.createdat | text), (.data | type == "object")) >= 4;
def is_threat: (.threatinfo // .alertinfo | type == "object") and count(
    (.agentdetectioninfo | type == "object"), (.agentrealtimeinfo | type == "object"), (.indicators | type == "array"),
    (.mitigationstatus | type == "array"), (.ruleinfo | type == "object"), (.sourceprocessinfo | type == "object"),
    (.kubernetesinfo | type == "object"), (.containerinfo | type == "object"), (.threatinfo | type == "object"), has("whiteningoptions")) >= 3;
def is_known: low | is_activity or is_threat;
def glance:
  type == "object" and (has("activityType") or has("activitytype") or has("threatInfo") or has("threatinfo") or has("alertInfo") or has("alertinfo"));
def is_answer: type == "object" and (.data | type == "array") and any(.data[]; glance and is_known);
def is_wrapped: type == "object" and (glance | not) and (.data | glance and is_known);
def parts:
  if is_answer then . as $post | .data[] | {part: ($post + {data: [.]}), one: .}
  elif type == "array" then .[] | {part: ., one: .}
  elif is_wrapped then {part: ., one: .data}
  else {part: ., one: .} end;
def recognises: (glance and is_known) or is_answer or is_wrapped;

def severities:
  {
    critical: "critical", high: "high", medium: "medium", low: "low", info: "informational", informational: "informational"
  };
def is_system: ascii_downcase | . == "system" or . == "root" or startswith("nt authority\\");
def user($role): text | values | {kind: "user", value: ., role: (if is_system then "related.user" else $role end), provenance: "field"};
def facet($key; $set_by): {key: $key, value: text, set_by: $set_by};
def bare_hash: text // "" | select(utf8bytelength == 32 or utf8bytelength == 40 or utf8bytelength == 64);

# One line of the console's activity log: what a rule or an engine found, or what a person or the agent did.
def activity:
  (.data | low) as $data | (.agentid | text) as $agent
  | first_text($data.computername, $data.agentcomputername, $data.endpointname) as $host
  # An alert of a rule names the machine only in its sentence.
  | (.primarydescription | text // "" | split(", detected on ") | if length > 1 then last | rtrimstr(".") | text else null end) as $told
  | first_text($data.filecontenthash, .hash, (.secondarydescription | bare_hash)) as $hash
  | first_text($data.username, $data.byuser, $data.actoralternateid) as $by
  | first_text($data.filepath, $data.filedisplayname) as $file
  | first_text($data.rulename) as $rule
  | {
      title: first_text(.primarydescription, .description, $rule, $data.threatname, $data.filedisplayname),
      rule: first_text($data.ruleid, $rule, $data.threatclassification, .activitytype),
      word: first_text($data.severity), told: first_text($data.confidencelevel),
      time: moment_of($data.detectedat, .createdat, .updatedat), id: first_text(.id, .activityuuid),
      ended: first_text($data.newincidentstatus, $data.newincidentstatustitle, $data.incidentstatus),
      account: first_text(.accountid, $data.accountid), site: first_text(.siteid, $data.siteid), host: $host, agent: $agent,
      found: [ (if $host then $host | entity("host"; "target.host") else $told | entity("host"; "target.host") | .provenance = "text" end),
               ($by | user("actor.user")), ($data.agentipv4, $data.agentipv6, $data.ipaddress | entity("ip"; "related.ip")),
               ($data.srcip | entity("ip"; "source.ip")), ($data.dstip | entity("ip"; "related.ip")),
               ($data.dnsrequest | entity("domain"; "related.domain")), ($file | entity("file"; "related.file")),
               ($data.originatorprocess, $data.processname | entity("process"; "related.process")), ($hash | entity("hash"; "related.hash")) ],
      facets: [ ($file | values | facet("file"; "actor")), ($data.confidencelevel | values | facet("confidence"; "environment")),
                ($data.threatclassification | values | facet("classification"; "environment")),
                ($data.threatclassificationsource | values | facet("engine"; "environment")),
                (if $rule or $data.threatclassification then empty else .activitytype | facet("activity"; "environment") end),
                ($by | values | facet("user"; "environment")) ],
      # A threat is told of many times, by activities of many kinds.
      weak: [(if $data.threatclassification or $data.confidencelevel then null else .activitytype end), $data.confidencelevel, $rule, $hash,
             $file, $by, .userid, $data.userid, $told, $data.threatclassification, $data.srcip, $data.dstip, $data.dnsrequest,
             $data.tiindicatorvalue, $data.originatorprocess, $data.newvalue,
             # What is neither of a rule nor of a threat is told apart by its sentence alone.
             (if $rule or $data.threatclassification or $hash then null else .secondarydescription // .primarydescription end)],
      attack: [], links: [$data.threatlink, $data.link]
    };
# A threat, or what a custom rule found: what both have first.
def found:
  (.agentdetectioninfo | low) as $then | (.agentrealtimeinfo | low) as $now | (.threatinfo | low) as $threat | (.alertinfo | low) as $alert
  | (.ruleinfo | low) as $rule | (.sourceprocessinfo | low) as $process | (.sourceparentprocessinfo | low) as $parent
  | (.targetprocessinfo | low) as $target | (.kubernetesinfo | low) as $cluster | (.containerinfo | low) as $container
  | first_text($now.agentcomputername, $then.agentcomputername, $then.name) as $host
  | first_text($threat.filepath, $target.tgtfilepath) as $file
  | first_text($threat.originatorprocess, $process.filepath, $process.name) as $image
  | first_text($threat.processuser, $process.user, $process.effectiveuser) as $who
  | first_text($alert.loginsusername) as $login
  | {
      title: first_text($rule.name, $threat.threatname, $threat.classification),
      rule: first_text($rule.id, $rule.name, $threat.classification), word: first_text($rule.severity, $alert.severity), told: first_text($threat.confidencelevel),
      time: moment_of($threat.identifiedat, $alert.reportedat, $alert.createdat, $threat.createdat),
      id: ([first_text(.id, $threat.threatid, $alert.alertid), first_text($threat.updatedat, $alert.updatedat)]
           | if .[0] then map(values) | join("/") else null end),
      ended: first_text($threat.incidentstatus, $alert.incidentstatus),
      account: first_text($then.accountid, $now.accountid), site: first_text($then.siteid, $now.siteid), host: $host,
      agent: first_text($now.agentid, $now.agentuuid, $then.uuid, $then.agentuuid),
      found: [ ($cluster.controllername // $cluster.workload | entity("service"; "target.service")),
               ($cluster.podname | entity("pod"; if $cluster.controllername then "related.pod" else "target.pod" end)),
               ($container.name | entity("container"; if $cluster.podname or $host then "related.container" else "target.container" end)),
               ($host | entity("host"; if $cluster.podname or $cluster.controllername then "related.host" else "target.host" end)),
               (if $login then $login | user("actor.user") else $who | user("actor.user") end),
               ($then.agentlastloggedinusername | user("related.user")),
               ($alert.srcip | entity("ip"; if $login then "source.ip" else "related.ip" end)),
               ($alert.dstip, $then.agentipv4, $then.externalip | entity("ip"; "related.ip")),
               ($alert.dnsrequest | entity("domain"; "related.domain")),
               ($file | entity("file"; "related.file")), ($image, $parent.filepath | entity("process"; "related.process")),
               ($threat.sha256, $threat.sha1, $threat.md5, $process.filehashsha256, $process.filehashsha1, $target.tgtfilehashsha256
                 | entity("hash"; "related.hash")) ],
      facets: [ (if $login then $login else $who end | values | facet("user"; "environment")),
                ($cluster.namespacename | values | facet("namespace"; "environment")),
                ($threat.classification | values | facet("classification"; "environment")),
                ($threat.confidencelevel | values | facet("confidence"; "environment")),
                ([$threat.detectionengines | list[] | obj | .key | text | values] | unique | join(",") | text | values
                  | facet("engine"; "environment")),
                ($threat.threatname | values | facet("threat"; "actor")), ($file | values | facet("file"; "actor")),
                ($image | values | facet("process"; "actor")), ($alert.eventtype | values | facet("event"; "environment")) ],
      weak: [$rule.name, $threat.confidencelevel, $threat.threatname, $file, $threat.sha256, $threat.sha1, $image,
             $threat.maliciousprocessarguments, $who, $login,
             $process.commandline, $parent.filepath, $target.tgtproccmdline, $alert.eventtype, $alert.srcip, $alert.dstip, $alert.dnsrequest,
             $alert.registrykeypath, $alert.modulepath, $cluster.namespacename, $cluster.controllername, $container.name],
      attack: [.indicators | list[] | obj | .tactics | list[] | obj | .techniques | list[] | obj | .name],
      links: [.threaturl]
    };

def alert:
  .part as $part | .one | low | (if is_threat then found else activity end)
  | (.ended // "" | ascii_downcase | . == "resolved") as $ended
  | (.word // "" | ascii_downcase | ltrimstr("e_")) as $word
  | {
      title: .title,
      detection_id: .rule,
      rule_version: null,
      # Of a threat SentinelOne says how sure it is, not how grave it would be.
      severity: severities[$word],
      raw_severity: (.word // .told),
      occurred_at: .time,
      status: (if $ended then "resolved" else "firing" end),
      entities: (.found + [.account | entity("account"; "related.account")]),
      facets: ([(.account | facet("account"; "environment")), (.site | values | facet("site"; "environment")),
                # An agent is one machine for good, whatever it is called.
                (if .host then .host | facet("host"; "environment") else .agent | facet("agent"; "environment") end)] + .facets),
      attack: ([.attack[] | text // "" | split(" ")[0] // ""
                | select(startswith("T") and (startswith("TA") | not) and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))]
               | unique),
      occurrence_id: (if .id then .id + (if $ended then "/resolved" else "" end) else null end),
      about: ([.account, .site, .agent, .host] + (.weak | map(text // ""))
              + if .agent or .host then [] else [.id // ($part | tojson)] end),
      owner_hints: [],
      links: [.links[] | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
