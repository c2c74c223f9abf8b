/** As they are copied; `test/gitops/pipelines.test.ts` runs their commands. */
export const github = `# .github/workflows/automations.yml
name: automations
on:
  pull_request:
  push: { branches: [main] }
  schedule: [{ cron: "17 3 * * *" }]
permissions: { contents: read, pull-requests: write }
env:
  HERM_API_KEY: \${{ secrets.HERM_READ_KEY }}
  HERM_DATA_DIR: .herm
  HERM_FREEZE: \${{ vars.HERM_FREEZE }}
  HERM_REASON: "\${{ github.server_url }}/\${{ github.repository }}\\
    /actions/runs/\${{ github.run_id }}"
jobs:
  herm:
    runs-on: ubuntu-latest
    concurrency: herm-\${{ github.event_name }}-\${{ github.ref }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - uses: actions/cache/restore@v4
        with: { path: .herm, key: herm-none, restore-keys: herm- }
      - run: npm install --global herm-cli@1.2.3
      - if: github.event_name == 'pull_request'
        run: herm automations lint -f automations --values prod/values.yaml
      - if: github.event_name == 'pull_request'
        run: >
          herm automations apply -f automations --values prod/values.yaml
          --all-deployments --prune --record .herm/lock.yaml
          --dry-run --report markdown=plan.md
      - if: always() && github.event_name == 'pull_request'
        env: { GH_TOKEN: "\${{ github.token }}" }
        run: >
          gh pr comment \${{ github.event.number }} --body-file plan.md
          --edit-last --create-if-none
      - if: github.event_name == 'push'
        env: { HERM_API_KEY: "\${{ secrets.HERM_API_KEY }}" }
        run: >
          herm automations apply -f automations --values prod/values.yaml
          --all-deployments --prune --record .herm/lock.yaml --yes
      - if: always() && github.event_name == 'push'
        uses: actions/cache/save@v4
        with:
          path: .herm
          key: herm-\${{ github.run_id }}-\${{ github.run_attempt }}
      - if: github.event_name == 'schedule'
        run: >
          herm automations diff -f automations --values prod/values.yaml
          --all-deployments --prune --record .herm/lock.yaml --strict`;

export const gitlab = `# .gitlab-ci.yml
default:
  image: node:22
  cache: { key: herm, paths: [.herm/], when: always }
  before_script: [npm install --global herm-cli@1.2.3]
variables:
  HERM_DATA_DIR: .herm
  HERM_REASON: $CI_PIPELINE_URL
show:
  rules: [{ if: $CI_PIPELINE_SOURCE == "merge_request_event" }]
  variables: { HERM_API_KEY: $HERM_READ_KEY }
  script:
    - >
      herm automations diff -f automations --values prod/values.yaml
      --all-deployments --report junit=herm.xml
  allow_failure: { exit_codes: 9 }
  artifacts: { when: always, reports: { junit: herm.xml } }
plan:
  stage: build
  rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }]
  resource_group: herm
  script:
    - >
      herm automations apply -f automations --values prod/values.yaml
      --all-deployments --prune --record .herm/lock.yaml
      --plan-out plan.json || [ $? -eq 9 ]
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
              --prune --plan-out plan.json --report junit=plan.xml'''
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
