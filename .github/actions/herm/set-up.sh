#!/usr/bin/env bash
# Installs the version that the action's input names, checked as install.sh checks it, and puts it on PATH.
set -euo pipefail

case $HERM_VERSION in
  "" | latest)
    echo "::error::the input version names no version, such as 1.2.3"
    exit 2
    ;;
esac
# An action of the repository that it is used in has no repository of its own.
repository=${ACTION_REPOSITORY:-$GITHUB_REPOSITORY}
export HERM_RELEASE_URL=${HERM_RELEASE_URL:-$GITHUB_SERVER_URL/$repository/releases}
folder=$RUNNER_TEMP/herm
export HERM_INSTALL_DIR=$folder
if [[ ${RUNNER_OS:-} == Windows ]]; then
  # This bash and install.sh have other paths than the shells of the steps that follow.
  HERM_INSTALL_DIR=$(cygpath --unix "$folder")
  folder=$(cygpath --windows "$folder")
fi
PATH=$HERM_INSTALL_DIR:$PATH sh "$(dirname "${BASH_SOURCE[0]}")/../../install.sh"
echo "$folder" >>"$GITHUB_PATH"
