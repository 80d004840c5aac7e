# A token issuer of the demo's own, made with openssl: a key, the JWK set that the
# server reads, and tokens with the claims that GitHub Actions gives to a job.
# Sourced by demo.sh; uses STATE and quiet_openssl of environment.sh.

JOB_ISSUER=https://token.actions.demo.example

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# The key and its public half as JWKS (RFC 7517).
make_job_issuer() {
  local modulus
  mkdir -p "$STATE/issuer"
  (umask 077 && quiet_openssl genpkey -algorithm RSA \
    -pkeyopt rsa_keygen_bits:2048 -out "$STATE/issuer/key.pem")
  modulus=$(openssl rsa -in "$STATE/issuer/key.pem" -noout -modulus |
    cut -d = -f 2 | perl -ne 'chomp; print pack "H*", $_' | base64url)
  printf '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"demo-1",%s}]}\n' \
    "\"n\":\"$modulus\",\"e\":\"AQAB\"" >"$STATE/issuer/jwks.json"
}

# mint_job_token AUDIENCE REF REF_TYPE: to standard output.
mint_job_token() {
  local now header payload
  now=$(date +%s)
  header='{"alg":"RS256","typ":"JWT","kid":"demo-1"}'
  payload="{\"iss\":\"$JOB_ISSUER\",\"aud\":\"$1\",\
\"sub\":\"repo:acme/checkout:ref:$2\",\"iat\":$now,\"nbf\":$now,\
\"exp\":$((now + 300)),\"jti\":\"$(openssl rand -hex 8)\",\
\"repository\":\"acme/checkout\",\"repository_id\":\"4711\",\
\"repository_owner\":\"acme\",\"repository_owner_id\":\"42\",\
\"repository_visibility\":\"private\",\"ref\":\"$2\",\"ref_type\":\"$3\",\
\"ref_protected\":\"true\",\"sha\":\"7d793037a0760186574b0282f2f435e7d1c0bd3e\",\
\"workflow\":\"release\",\"event_name\":\"push\",\"actor\":\"ann\",\
\"workflow_ref\":\"acme/checkout/.github/workflows/release.yml@$2\",\
\"run_id\":\"1077\",\"run_number\":\"12\",\"run_attempt\":\"1\",\
\"runner_environment\":\"github-hosted\"}"
  header=$(printf '%s' "$header" | base64url)
  payload=$(printf '%s' "$payload" | base64url)
  printf '%s.%s.%s\n' "$header" "$payload" \
    "$(printf '%s.%s' "$header" "$payload" |
      openssl dgst -sha256 -sign "$STATE/issuer/key.pem" | base64url)"
}

# Lets the server take those tokens: the group of rules for one repository.
configure_job_issuer() {
  local yaml=$STATE/countersignd.yaml
  sed -i 's|^  administrator_groups:|    - group: repository-jobs\
      token_issuer: actions\
      claims:\
        - claim: repository_id\
          values: ["4711"]\
&|' "$yaml"
  sed -i "s|^hsm:|  token_issuers:\\
    - name: actions\\
      issuer: $JOB_ISSUER\\
      profile: github-actions\\
      jwks_file: $STATE/issuer/jwks.json\\
      audiences: [countersign.demo.example]\\
&|" "$yaml"
}

# As a CI system hands it to a job: a file, and no certificate.
add_job_context() {
  cat >>"$STATE/client.yaml" <<END
  - name: job
    server: 127.0.0.1:$(<"$STATE/port")
    ca_file: pki/ca.pem
    token_file: $OUT/job.token
END
}

job_token() {
  title "10. A CI job without a certificate signs with the token it was given"
  run "countersign --context carol product create products/tag-release.json \
--set PRODUCTNAME=Gateway --set WRITERGROUP=repository-jobs \
--set APPROVERGROUP=release-approvers"
  run "countersign --context bob product approve gateway --yes"
  printf 'gateway-2.4.1, as far as this demo is concerned\n' >gateway
  note "A job that builds a branch. Its token proves that, and the operation" \
    "wants a protected tag:"
  mint_job_token countersign.demo.example refs/heads/main branch >job.token
  run "countersign --context job whoami"
  refused 3 "countersign --context job sign blob gateway -p gateway/release \
-O gateway.sig"
  note "A job that builds a tag:"
  mint_job_token countersign.demo.example refs/tags/v2.4.1 tag >job.token
  start_waiting "$STATE/job.log" "countersign --context job sign blob gateway \
-p gateway/release -O gateway.sig --description 'Gateway 2.4.1' \
--context reviewed-by=nobody-checked-this"
  run "countersign --context alice request show $REQUEST"
  run "countersign --context alice approve $REQUEST --yes"
  finish_waiting "$STATE/job.log" 0
  run "countersign --context alice key public gateway/release \
-O gateway.pub.pem"
  run "openssl dgst -sha256 -verify gateway.pub.pem -signature gateway.sig \
gateway"
  note "A token that the same job had for another service, in other hands:"
  mint_job_token registry.demo.example refs/tags/v2.4.1 tag >job.token
  refused 3 "countersign --context job sign blob gateway -p gateway/release \
-O stolen.sig"
  rm job.token
}
