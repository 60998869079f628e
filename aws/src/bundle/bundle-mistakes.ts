import type { BuildFailure, Message } from 'esbuild';
import type { Mistake } from 'plumbline/runtime';

/** What kept a bundle from being built, as mistakes in the project's files. */
export function mistakesOfBuild({ errors }: BuildFailure): readonly Mistake[] {
  return errors.map((error): Mistake => {
    const { location, text } = error;
    const file = location?.file.replace(/^.*?:/, '') ?? 'the project';
    return {
      file,
      ...(location !== null && { place: `line ${location.line}, column ${location.column + 1}` }),
      ...explain(error, text),
    };
  });
}

function explain({ location }: Message, text: string): Omit<Mistake, 'file'> {
  const missing = /^Could not resolve "([^"]*)"/.exec(text)?.[1];
  if (missing !== undefined) {
    const isPackage = !/^[./]/.test(missing);
    return {
      message: isPackage
        ? 'imports a package that is not installed'
        : 'imports a file that is not there',
      value: `'${missing}'`,
      expected: isPackage
        ? `\`npm install ${missing}\` in the project`
        : 'the path of a file, with its extension',
    };
  }
  if (/No loader is configured for "\.node"/.test(text)) {
    return {
      message: 'needs a native module, which runs on no other kind of machine than this one',
      ...(location !== null && { value: location.lineText.trim() }),
      expected: 'a package of JavaScript or WebAssembly for the same',
    };
  }
  const kind = /No loader is configured for "(\.[^"]*)" files/.exec(text)?.[1];
  if (kind !== undefined) {
    return {
      message: `imports a ${kind} file, which is no code`,
      expected: 'its data as .json or .ts',
    };
  }
  return { message: text };
}

/** Packages that load native code by a path they put together at run time, so that no bundler sees it. */
const nativeLoaders =
  /node_modules[\\/](bindings|node-gyp-build|@mapbox[\\/]node-pre-gyp|prebuild-install)[\\/]/;

export function nativeMistakes(inputs: readonly string[], file: string): readonly Mistake[] {
  const found = inputs
    .map((input) => nativeLoaders.exec(input)?.[1])
    .find((name) => name !== undefined);
  if (found === undefined) return [];
  return [
    {
      file,
      message: 'needs a native module, which runs on no other kind of machine than this one',
      value: `a package that uses ${found}`,
      expected: 'a package of JavaScript or WebAssembly for the same',
    },
  ];
}
