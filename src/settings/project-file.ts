import { existsSync, lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { hintTo, UsageError } from "../errors/cli-errors.js";
import { ancestorFolders, isInside, repositoryOf } from "../files/folders.js";
import { type JsonObject, parseObject, textField } from "../files/json-text.js";
import { realPathOf } from "../files/machine.js";
import type { PrivateFiles } from "../files/private-files.js";
import { checkProfileName } from "./profile-name.js";

const projectFileName = ".herm.json";
const limit = { mostBytes: 64 * 1024 };

/** A project's settings, never a key or a URL, because somebody else may have written them. */
export interface Project {
  path: string;
  deployment: string | undefined;
  profile: string | undefined;
}

type OnForeign = (path: string) => void;

interface ProjectEnvironment {
  cwd: string;
  home: string;
  uid: number | undefined;
}

/**
 * Finds the nearest `.herm.json` of the user's own (src/settings/README.md, "Where settings come from"). Throws
 * UsageError if it contains more than a deployment and a profile.
 */
export function findProject(
  environment: ProjectEnvironment,
  files: PrivateFiles,
  onForeign?: OnForeign,
): Project | undefined {
  const { uid } = environment;
  const there = searchedFolders(environment)
    .map((folder) => join(folder, projectFileName))
    .filter((candidate) => existsSync(candidate));
  const at = there.findIndex((candidate) => uid === undefined || lstatSync(candidate).uid === uid);
  const [nearest] = there;
  if (at !== 0 && nearest !== undefined) onForeign?.(nearest);
  const path = there[at];
  if (path === undefined) return undefined;
  const text = files.readShared(path, limit);
  return text === undefined ? undefined : checkProject(parseObject(text, path), path);
}

/** Writes the deployment into the working folder's `.herm.json`; returns its path. */
export function saveProjectDeployment(
  environment: ProjectEnvironment & { files: PrivateFiles },
  deployment: string,
): string {
  if (searchedFolders(environment).length === 0) {
    throw new UsageError(`a ${projectFileName} in ${environment.cwd} would not be read`, {
      hint: "it is read inside a git repository, and in folders below your home",
    });
  }
  const path = join(resolve(environment.cwd), projectFileName);
  const text = environment.files.readShared(path, limit);
  const content = text === undefined ? {} : parseObject(text, path);
  checkProject(content, path);
  environment.files.writeShared(path, `${JSON.stringify({ ...content, deployment }, undefined, 2)}\n`);
  return path;
}

function searchedFolders({ cwd, home }: ProjectEnvironment): string[] {
  const folders = ancestorFolders(resolve(cwd));
  const root = repositoryOf(resolve(cwd));
  if (root !== undefined) return folders.slice(0, folders.indexOf(root) + 1);
  // The path of the working folder has no links, unlike the home in the environment.
  const homes = [resolve(home), realPathOf(home) ?? home];
  return folders.filter((folder) => homes.some((each) => isInside(folder, each)));
}

function checkProject(content: JsonObject, path: string): Project {
  for (const name of Object.keys(content)) {
    if (name === "deployment" || name === "profile" || name === "$schema") continue;
    const isSecret = /key|token|secret|url|origin|host/i.test(name);
    throw new UsageError(`${path}: ${JSON.stringify(name)} doesn't belong in a project file`, {
      hint: isSecret
        ? hintTo("a project file can't contain keys or URLs; to save them in a profile", "auth", "login")
        : 'it may contain only "deployment" and "profile"',
    });
  }
  const profile = textField(content, "profile", path);
  if (profile !== undefined) checkProfileName(profile, `${path}: profile`);
  return { path, profile, deployment: textField(content, "deployment", path) };
}
