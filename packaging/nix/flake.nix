{
  description = "editree: a terminal workbench for FLUX.1 Kontext";

  inputs.nixpkgs.url = "nixpkgs/nixos-unstable";

  # From the root of a clone: nix build 'git+file:.?dir=packaging/nix'
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = nixpkgs.lib.genAttrs systems;
      root = ../..;
      manifest = nixpkgs.lib.importTOML (root + "/Cargo.toml");
    in {
      packages = each (system:
        let pkgs = nixpkgs.legacyPackages.${system};
        in {
          default = pkgs.rustPlatform.buildRustPackage {
            pname = manifest.package.name;
            version = manifest.package.version;
            src = root;
            cargoLock.lockFile = root + "/Cargo.lock";
            nativeBuildInputs = [ pkgs.installShellFiles ];
            # The tests want a terminal and loopback: `.ci/run` is where they belong.
            doCheck = false;
            env.EDITREE_COMMIT = self.shortRev or "";
            postInstall = ''
              installShellCompletion --cmd editree \
                --bash <($out/bin/editree completions bash) \
                --zsh <($out/bin/editree completions zsh) \
                --fish <($out/bin/editree completions fish)
              $out/bin/editree man --all pages
              installManPage pages/*
            '';
            meta = {
              description = manifest.package.description;
              license = pkgs.lib.licenses.mit;
              mainProgram = "editree";
            };
          };
        });
    };
}
