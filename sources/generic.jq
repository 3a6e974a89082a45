# Any alert that no other source knows, read by the names that tools usually give their fields. It may ask, never fire: no vendor
# promised these paths, so every entity is `text` and there are no facets.

def text: if type == "string" and . != "" then . elif type == "number" or type == "boolean" then tostring else null end;
def list: if type == "array" then . else [] end;
# Of text that holds several JSON values some jqs make several: take one.
def number: [tonumber?][0];
def pick(f): [f | text | select(. != null)][0];
def among($words): . as $word | $words | map(. == $word) | any;

# "Rule Name", "rule_name", "@ruleName" and the path rule.name are all one name: rulename.
def without($mark): split($mark) | join("") // "";
def plain: ascii_downcase | without("_") | without("-") | without(" ") | without(".") | ltrimstr("@");

# Where tools put the alert itself inside of a post; of a list, the first.
def wrapped:
  objects | to_entries[]
  | select(.key | plain | among(["alert", "event", "data", "incident", "detection", "finding", "result", "payload", "issue", "alarm",
                                 "attributes", "content", "details", "labels", "annotations", "commonlabels", "commonannotations"]))
  | .value | objects, (arrays | .[0] | objects);
def places: objects | ., wrapped, (wrapped | wrapped);

# Every value by its plain name, and by its parent's name before its own. What stands further out wins.
def names:
  reduce ([places | to_entries[] | (.key | plain) as $name | [$name, .value],
           (.value | objects | to_entries[] | [$name + (.key | plain), .value])] | reverse)[] as $pair
    ({}; if $pair[1] == null or $pair[1] == "" then . else .[$pair[0]] = $pair[1] end);

# A post of many alerts, unless it has a title of its own: then the list is only detail.
def bundle:
  if type != "object" or (to_entries | map(.key | plain | among(["title", "name", "rule", "severity", "message", "summary"])) | any)
  then null
  else [to_entries[]
        | select(.key | plain | among(["alerts", "events", "findings", "incidents", "records", "results", "items"]))
        | select(.value | list | . != [] and (map(type == "object") | all)) | .key][0] end;
def parts:
  bundle as $key
  | if type == "array" then .[] | {part: ., alert: .}
    elif $key then . as $post | .[$key][] | {part: ($post + {($key): [.]}), alert: .}
    else {part: ., alert: .} end;

def recognises: type == "object" or (type == "array" and (map(type == "object") | any));

# Words and the P and SEV scales only: a bare number says nothing without its scale.
def severity:
  {
    critical: "critical", crit: "critical", fatal: "critical", emergency: "critical", disaster: "critical", severe: "critical",
    p1: "critical", sev1: "critical",
    high: "high", major: "high", error: "high", urgent: "high", p2: "high", sev2: "high",
    medium: "medium", moderate: "medium", average: "medium", warning: "medium", warn: "medium", p3: "medium", sev3: "medium",
    low: "low", minor: "low", p4: "low", sev4: "low",
    informational: "informational", information: "informational", info: "informational", notice: "informational",
    debug: "informational", p5: "informational", sev5: "informational"
  }[text // "" | plain];
def severities:
  .severity, .severitylabel, .severityname, .alertseverity, .ruleseverity, .risklevel, .alarmrisklevel, .priority, .priorityname,
  .urgency, .criticality, .importance, .importancelevel, .alertlevel, .rulelevel, .level;

def detection:
  pick(.ruleid, .ruleuuid, .rulename, .rule, .signatureid, .signaturename, .signature, .detectionid, .detectionname, .detection,
       .policyid, .policyname, .policy, .monitorid, .monitorname, .monitor, .checkid, .checkname, .check, .queryid, .queryname,
       .alertname, .alerttype, .findingtype, .eventtype, .type, .category, .alertid);
def title:
  pick(.title, .alerttitle, .summary, .subject, .headline, .alertname, .rulename, .checkname, .monitorname, .name, .shortdescription,
       .ruledescription, .signature, .message, .msg, .alarmtext, .description, .text, .body, .rule, .event);
def time:
  [.occurredat, .eventtime, .detectedat, .triggeredat, .firedat, .startsat, .startedat, .starttime, .timestamp, .time, .eventtimestamp,
   .datetime, .date, .published, .createdat, .created, .firstseen, .updatedat
   | select(type == "number" or type == "string")][0];
# Few words count as an end, because an alert that is taken for one is not decided.
def ended:
  .resolved == true
  or ([.status, .state, .currentstate, .alertstatus, .alertstate | text // "" | ascii_downcase
       | among(["resolved", "recovered", "cleared", "closed"])] | any);

def techniques:
  [.technique, .techniques, .techniqueid, .techniqueids, .mitre, .mitreid, .mitretechnique, .mitretechniques, .mitretechniqueid,
   .mitreattack, .attack, .attacktechnique, .attacktechniques, .rulemitre
   | ., list[] | if type == "object" then .id, .technique_id, .techniqueId else . end | ., list[]
   | text // "" | split(",")[] | without(" ")
   | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null))]
  | unique;

def entities:
  def entity($kind; $role): text | select(.) | {kind: $kind, value: ., role: $role, provenance: "text"};
  [ (pick(.username, .user, .useremail, .account, .accountname, .actor, .actorname, .actoremail, .actorlogin, .principal, .subjectuser)
      | entity("user"; "actor.user")),
    (pick(.srcip, .sourceip, .src, .sourceipaddress, .sourceaddress, .clientip, .clientipaddress, .remoteip, .remoteaddr, .remoteaddress,
          .attackerip, .ipaddress, .ip)
      | entity("ip"; "source.ip")),
    (pick(.hostname, .host, .computername, .computer, .devicename, .device, .machine, .machinename, .server, .agentname, .asset, .node)
      | entity("host"; "target.host")),
    (pick(.service, .servicename) | entity("service"; "target.service")),
    (pick(.instanceid) | entity("instance"; "target.instance")),
    (pick(.bucket, .bucketname) | entity("bucket"; "target.bucket")),
    (pick(.pod, .podname) | entity("pod"; "target.pod")),
    (pick(.dstip, .dst, .destip, .destinationip, .destinationaddress, .targetip) | entity("ip"; "related.ip")),
    (pick(.process, .processname, .image) | entity("process"; "related.process")),
    (pick(.sha256, .sha1, .md5, .hash, .filehash, .filesha256) | entity("hash"; "related.hash")),
    (pick(.domain, .domainname, .query) | entity("domain"; "related.domain")),
    (pick(.sender, .from, .email) | entity("email"; "related.email")) ];

def alert:
  .part as $part
  | (.part | names) + (.alert | names)
  | . as $names
  | ([severities | select(text)] | ([.[] | select(severity)] + .)[0]) as $severity
  | (if ended then "resolved" else "firing" end) as $status
  | pick(.eventid, .eventuuid, .occurrenceid, .alertid, .alertuuid, .incidentid, .notificationid, .uuid, .guid, .id) as $id
  | pick(.updatedat, .updated, .lastseen, .lastupdated) as $updated
  | entities as $entities
  | {
      title: title,
      detection_id: detection,
      rule_version: pick(.ruleversion),
      severity: ($severity | severity),
      raw_severity: ($severity | text),
      occurred_at: time,
      status: $status,
      entities: $entities,
      facets: [],
      attack: techniques,
      occurrence_id: (if $id then [$id, $updated, if $status == "resolved" then $status else null end] | map(select(.)) | join("/")
                      else null end),
      # Rather two cases for one problem than one case for two: without an entity only the same post is the same problem.
      about: ([title] + if $entities == [] then [$id // ($part | tojson)] else [$entities[] | "\(.role)=\(.value)"] end),
      owner_hints: ([.team, .teamname, .ownerteam, .owner, .ownername, .squad, .oncall | text | select(.)] | unique),
      links: [.url, .link, .permalink, .alerturl, .eventurl, .incidenturl, .consoleurl, .dashboardurl, .runbookurl, .weblink, .htmlurl,
              .href
              | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $part
    };

def alerts: parts | alert;
