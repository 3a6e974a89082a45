# Suricata EVE: alerts, drops that carry their alert, and anomalies.

def number: [tonumber?][0];

# Wazuh and Elastic carry the same event inside of their own.
def recognises:
  type == "object" and (.event_type | type == "string") and (.timestamp | type == "string" or type == "number")
  and (has("rule") or has("agent") or has("ecs") or has("specversion") | not)
  and (
    ((.alert | obj) as $alert
     | ($alert.signature_id | text) != null
       and count(($alert.signature | text), ($alert | has("gid")), ($alert | has("rev")), ($alert | has("category")),
                 ($alert | has("severity")), ($alert | has("action"))) >= 3)
    or (.event_type == "anomaly" and (.anomaly | obj | (.type | text) != null and ((.event | text) != null or (.code | text) != null))));

# The priority of the rule: 1 is the most urgent, classification.config uses 1 to 4.
def severity: {"1": "high", "2": "medium", "3": "low", "4": "informational"}[text // ""];

def address: split(".") | length == 4 and (map(length < 4 and number != null) | all);
def inside:
  startswith("10.") or startswith("192.168.") or startswith("fd") or startswith("fc")
  or (startswith("172.") and (.[4:6] | number // 0 | . >= 16 and . <= 31));

# Names that whoever sends the packet may write as they like.
def typed($kind): text | values | {kind: $kind, value: ., role: "related.\($kind)", provenance: "text"};
def name: text | values | if address or contains(":") then typed("ip") else typed("domain") end;
def facet($key; $set_by): {key: $key, value: text, set_by: $set_by};

def technique: text // "" | select(startswith("T") and (ltrimstr("T") | split(".")[0] // "" | length == 4 and number != null));

def alert:
  . as $post | obj
  | (.alert | obj) as $alert | (.anomaly | obj) as $anomaly
  | (.http | obj) as $http | (.tls | obj) as $tls | (.dns | obj) as $dns | (.ssh | obj) as $ssh
  # A rule with the keyword `target` says which end is attacked; else the sender of the packet is the source.
  | first_text(($alert.source | obj | .ip), .src_ip) as $source | first_text(($alert.target | obj | .ip), .dest_ip) as $target
  | ($alert.signature_id | text) as $sid
  | first_text($dns.rrname, ($dns.query, $dns.queries | if type == "array" then .[] else . end | obj | .rrname)) as $asked
  # The far end answered: nobody can do so for a forged address.
  | (.proto == "TCP" and (($http.status | type == "number") or ($tls.version | text) != null
      or (($ssh.server | type == "object") and ($ssh.client | type == "object")))) as $session
  | first_text(.host, .sensor_name) as $sensor
  | ([$source, $target] | map(select(. != null and inside))) as $ours
  | {
      title: (if $sid then first_text($alert.signature) else first_text($anomaly.event, $anomaly.type) end),
      detection_id: (if $sid then (if ($alert.gid | text // "1") == "1" then $sid else "\($alert.gid | text):\($sid)" end)
                     else first_text($anomaly.event, $anomaly.code) end),
      rule_version: ($alert.rev | text),
      severity: ($alert.severity | severity),
      raw_severity: ($alert.severity | text),
      occurred_at: (.timestamp | if type == "number" then . else text end),
      status: "firing",
      entities: [
        (($source | entity("ip"; "source.ip")), ($target | entity("ip"; "target.ip")) | if $session then .handshake = true else . end),
        ($http.hostname, $tls.sni, $asked | name),
        ($http | .url | text // ""
          | if startswith("http://") or startswith("https://") then typed("url")
            elif startswith("/") and ($http.hostname | text) then "http://\($http.hostname)\(.)" | typed("url")
            else empty end),
        (.files, .fileinfo | if type == "array" then .[] else . end | obj
          | (.filename | typed("file")), (.sha256, .sha1, .md5 | entity("hash"; "related.hash"))),
        (.email | obj | (.from, (.to | if type == "array" then .[] else . end) | typed("email"))),
        (.smtp | obj | .mail_from | text | values | ltrimstr("<") | rtrimstr(">") | typed("email")),
        ($sensor | entity("host"; "related.host")) ],
      facets: [
        (if $sensor then $sensor | facet("sensor"; "environment") else empty end),
        # Our own end of the connection; the other end is whoever it is today.
        (if $ours != [] then $ours | join(" ") | facet("inside"; "environment") else empty end),
        (if $sid then
           if .app_proto | text then .app_proto | facet("app_proto"; "environment") else empty end
         else ($anomaly.type | facet("anomaly"; "environment")) end),
        (if $http != {} then ($http.hostname | facet("http_host"; "actor")), ($http.http_user_agent | facet("user_agent"; "actor"))
         elif $asked then $asked | facet("domain"; "actor")
         elif $tls != {} then $tls.sni | facet("server_name"; "actor")
         elif $source == null and $target == null then .in_iface | facet("interface"; "environment")
         else empty end) ],
      attack: ([$alert.metadata | obj | .mitre_technique_id | if type == "array" then .[] else . end | technique] | unique),
      # EVE has no event id; a flow outlives one alert, and one packet may set off several rules.
      occurrence_id: (if (.flow_id | text) and (.timestamp | text) and $sid then "\(.flow_id)/\(.timestamp)/\($sid)" + (if .tx_id | text then "/\(.tx_id)" else "" end)
                      else null end),
      # Between the same two ends and, where a name was looked up or reached, for the same name. Ports and flows change each time.
      about: (if $source == null and $target == null then
          (.ether | obj) as $ether
          | [$sensor, (.in_iface, $ether.src_mac, $ether.dest_mac | text)]
          | if map(select(.)) == [] then [$post | if type == "object" then del(.timestamp, .pcap_cnt, .flow_id) else . end | tojson] else . end
        else [$source, $target, $asked // ($tls.sni | text) // ($http.hostname | text)] end),
      owner_hints: [],
      links: [$alert.references | list[] | text // "" | select(startswith("http://") or startswith("https://"))],
      payload: $post
    };

def alerts: if type == "array" and . != [] then .[] | alert else alert end;
