/** As they are copied; `test/gitops/pipelines.test.ts` runs their commands. */
export const github = `# .github/workflows/automations.yml
name: automations
on:
  pull_request:
  push: { branches: [main] }
  schedule: [{ cron: "17 3 * * *" }]
  workflow_dispatch: { inputs: { ref: {} } }
permissions: { contents: read, pull-requests: write }
env:
  HERM_API_KEY: \${{ secrets.HERM_READ_KEY }}
  HERM_FREEZE: \${{ vars.HERM_FREEZE }}
  HERM_REASON: "\${{ github.server_url }}/\${{ github.repository }}\\
    /actions/runs/\${{ github.run_id }}"
jobs:
  herm:
    runs-on: ubuntu-latest
    concurrency: herm-\${{ github.event_name }}-\${{ github.ref }}
    steps:
      # v7.0.1
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
        with: { ref: "\${{ inputs.ref }}" }
      # v7.0.0
      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020
        with: { node-version: 22 }
      # v4.3.0
      - uses: actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830
        with: { path: herm.lock.yaml, key: herm-none, restore-keys: herm- }
      - run: npm install --global herm-cli@1.2.3
      - if: github.event_name == 'pull_request'
        run: >
          herm automations lint -f automations --values prod/values.yaml
          --report markdown=plan.md
      - if: github.event_name == 'pull_request' && env.HERM_API_KEY != ''
        run: >
          herm automations apply -f automations --values prod/values.yaml
          --all-deployments --prune --record herm.lock.yaml --strict
          --dry-run --report markdown=plan.md
      - if: >
          always() && github.event_name == 'pull_request'
          && env.HERM_API_KEY != ''
        env: { GH_TOKEN: "\${{ github.token }}" }
        run: >
          gh pr comment \${{ github.event.number }} --body-file plan.md
          --edit-last --create-if-none
      - if: github.event_name == 'push'
        env: { HERM_API_KEY: "\${{ secrets.HERM_API_KEY }}" }
        run: >
          herm automations apply -f automations --values prod/values.yaml
          --all-deployments --prune --record herm.lock.yaml --strict --yes
      - if: github.event_name == 'workflow_dispatch'
        run: >
          herm automations adopt -f automations --values prod/values.yaml
          --all-deployments --record herm.lock.yaml --yes
      - if: >
          always() && contains('push workflow_dispatch', github.event_name)
        uses: actions/cache/save@0057852bfaa89a56745cba8c7296529d2fc39830
        with:
          path: herm.lock.yaml
          key: herm-\${{ github.run_id }}-\${{ github.run_attempt }}
      - if: github.event_name == 'schedule'
        run: >
          herm automations diff -f automations --values prod/values.yaml
          --all-deployments --prune --record herm.lock.yaml --strict
          --strict-dst`;

export const gitlab = `# .gitlab-ci.yml
default:
  image: node:22
  cache: { key: herm, paths: [herm.lock.yaml], when: always }
  before_script: [npm install --global herm-cli@1.2.3]
variables:
  HERM_REASON: $CI_PIPELINE_URL
lint:
  rules: [{ if: $CI_PIPELINE_SOURCE == "merge_request_event" }]
  script:
    - >
      herm automations lint -f automations --values prod/values.yaml
      --report junit=herm.xml
  artifacts: { when: always, reports: { junit: herm.xml } }
show:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $HERM_READ_KEY
  variables: { HERM_API_KEY: $HERM_READ_KEY }
  script:
    - >
      herm automations diff -f automations --values prod/values.yaml
      --all-deployments --strict --report junit=herm.xml
  allow_failure: { exit_codes: 9 }
  artifacts: { when: always, reports: { junit: herm.xml } }
adopt:
  stage: build
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH, when: manual }]
  allow_failure: true
  resource_group: herm
  script:
    - >
      herm automations adopt -f automations --values prod/values.yaml
      --all-deployments --record herm.lock.yaml --yes
plan:
  stage: build
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }]
  resource_group: herm
  script:
    - >
      herm automations apply -f automations --values prod/values.yaml
      --all-deployments --prune --record herm.lock.yaml --strict
      --plan-out plan.json --quiet || [ $? -eq 9 ]
    - herm automations apply --plan plan.json --dry-run
  artifacts: { paths: [plan.json], access: developer, expire_in: 1 day }
apply:
  stage: deploy
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH, when: manual }]
  resource_group: herm
  script:
    - herm automations apply --plan plan.json --yes --report junit=herm.xml
  artifacts: { when: always, reports: { junit: herm.xml } }`;

export const jenkins = `// Jenkinsfile
pipeline {
  agent { label 'herm' }
  options { disableConcurrentBuilds() }
  environment {
    HERM_API_KEY = credentials('herm-api-key')
    HERM_DATA_DIR = '/var/lib/herm'
    HERM_REASON = "$BUILD_URL"
    PATH = "$WORKSPACE/node_modules/.bin:$PATH"
  }
  stages {
    stage('Plan') {
      steps {
        sh 'npm install --no-save herm-cli@1.2.3'
        script {
          code = sh returnStatus: true, script: '''
            herm automations apply -f automations --all-deployments \\
              --values prod/values.yaml --record $HERM_DATA_DIR/lock.yaml \\
              --prune --strict --report junit=plan.xml \\
              --plan-out plan.json'''
          if (code != 0 && code != 9) error "herm ended with $code"
        }
      }
    }
    stage('Apply') {
      when { branch 'main'; expression { code == 9 }; beforeInput true }
      input { message 'Apply this plan?' }
      steps {
        sh '''
          herm automations apply --plan plan.json --yes \\
            --record $HERM_DATA_DIR/lock.yaml --report junit=apply.xml'''
      }
    }
  }
  post { always { junit '*.xml' } }
}`;
