"""From the program folder to the MSI: wixl for what it can express, msibuild for the rest, each value checked.

Component ids and GUIDs follow from the path in the program folder, so they stay the same from version to version
(the component rules of Windows Installer); the ProductCode follows from the version, the UpgradeCode never changes.
"""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from pathlib import Path
from xml.sax.saxutils import quoteattr

from environment import SetupError

from windows.pe import file_version

HERE = Path(__file__).parent
UPGRADE_CODE = "{6B1F5C0A-93D4-4E0C-8A1E-2C7C1D0E5F31}"
_NAMES = uuid.UUID("0d9a4a53-6a2d-4f0e-9c35-7d1d6a2f4c11")
PROPERTIES = ("PRACTICE_NAME", "UDP_PORT", "AUTOSTART", "FIREWALL_RULE", "INSTALLDIR")
"""What an administrator can give; all are remembered over upgrades and repairs."""
DEFAULTS = {"AUTOSTART": "1", "FIREWALL_RULE": "1"}
BY_HAND = ("Praxisfunk.exe",)
"""Authored in main.wxs, because the shortcut hangs on it."""
SEQUENCES = {"RemoveExistingProducts": 1450}


def product_code(version: str) -> str:
    """Another one per version, the same one for the same version."""
    return "{" + str(uuid.uuid5(_NAMES, f"product {version}")).upper() + "}"


def build_msi(stage: Path, work: Path, version: str, target: Path) -> None:
    """Raises `SetupError`."""
    work.mkdir(parents=True, exist_ok=True)
    files = work / "files.wxs"
    sources = harvest(stage, files)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    main = work / "main.wxs"
    template = (HERE / "main.wxs").read_text(encoding="utf-8")
    main.write_text(template.replace("@REMEMBERED@", _remembered()), encoding="utf-8")
    _run(  # wixl takes relative paths only
        *("wixl", "-a", "x64", "-D", f"SOURCE={stage.name}", "-D", f"VERSION={version}"),
        *("-D", "ICON=praxisfunk.ico"),
        *("-D", f"UPGRADE={UPGRADE_CODE}", "-D", f"PRODUCT={product_code(version)}"),
        *("-o", str(target), str(main), str(files)),
        cwd=stage.parent,
    )
    finish(target, work, {"MainExeFile": stage / "Praxisfunk.exe", **sources})


# --- files ----------------------------------------------------------------------------------------------------


def harvest(stage: Path, target: Path) -> dict[str, Path]:
    """One component per file. Returns file id -> path."""
    out: list[str] = []
    components: list[str] = []
    sources: dict[str, Path] = {}

    def walk(folder: Path, above: str) -> None:
        for path in sorted(folder.iterdir()):
            name = f"{above}/{path.name}" if above else path.name
            if path.is_dir():
                out.append(f'<Directory Id="{_id("d", name)}" Name={quoteattr(path.name)}>')
                walk(path, name)
                out.append("</Directory>")
            elif name not in BY_HAND:
                component, file = _id("c", name), _id("f", name)
                guid = str(uuid.uuid5(_NAMES, f"component {name.lower()}")).upper()
                out.append(
                    f'<Component Id="{component}" Guid="{{{guid}}}" Win64="yes">'
                    f'<File Id="{file}" KeyPath="yes" Source={quoteattr(stage.name + "/" + name)}/></Component>'
                )
                components.append(component)
                sources[file] = path

    walk(stage, "")
    references = "".join(f'<ComponentRef Id="{component}"/>' for component in components)
    target.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">'
        '<Fragment><DirectoryRef Id="INSTALLDIR">\n'
        + "\n".join(out)
        + f'\n</DirectoryRef></Fragment><Fragment><ComponentGroup Id="AppFiles">{references}</ComponentGroup>'
        "</Fragment></Wix>\n",
        encoding="utf-8",
    )
    return sources


def _id(kind: str, name: str) -> str:
    return kind + hashlib.sha256(name.lower().encode()).hexdigest()[:20]


def _remembered() -> str:
    """Actions that let a property given now win over the remembered one, and that over the default."""
    lines = []
    for number, name in enumerate(PROPERTIES):
        lines.append(f'<CustomAction Id="Keep{name}" Property="GIVEN_{name}" Value="[{name}]"/>')
        lines.append(f'<CustomAction Id="Use{name}" Property="{name}" Value="[GIVEN_{name}]"/>')
        if name in DEFAULTS:
            lines.append(f'<CustomAction Id="Default{name}" Property="{name}" Value="{DEFAULTS[name]}"/>')
        lines.append("<InstallExecuteSequence>")
        lines.append(f'<Custom Action="Keep{name}" Sequence="{20 + number}">{name}</Custom>')
        lines.append(f'<Custom Action="Use{name}" Sequence="{60 + number}">GIVEN_{name}</Custom>')
        if name in DEFAULTS:
            lines.append(f'<Custom Action="Default{name}" Sequence="{80 + number}">NOT {name}</Custom>')
        lines.append("</InstallExecuteSequence>")
    return "\n  ".join(lines)


# --- what wixl cannot express -----------------------------------------------------------------------------------


def finish(msi: Path, work: Path, sources: dict[str, Path]) -> None:
    """Conditions, secure properties, order of actions, file versions; then look whether all of it is there."""
    secure = ";".join(
        [
            "WIX_DOWNGRADE_DETECTED",
            "WIX_UPGRADE_DETECTED",
            *PROPERTIES,
            *(f"GIVEN_{name}" for name in PROPERTIES),
        ]
    )
    _sql(msi, f"UPDATE `Property` SET `Value` = '{secure}' WHERE `Property` = 'SecureCustomProperties'")
    # `amus`: files are replaced whatever their versions say; without it an upgrade could leave holes.
    _sql(msi, "INSERT INTO `Property` (`Property`,`Value`) VALUES ('REINSTALLMODE','amus')")
    _sql(msi, "UPDATE `Component` SET `Condition` = 'AUTOSTART<>\"0\"' WHERE `Component` = 'Autostart'")
    for action, number in SEQUENCES.items():
        _sql(msi, f"UPDATE `InstallExecuteSequence` SET `Sequence` = {number} WHERE `Action` = '{action}'")
    _fill_versions(msi, work, sources)
    _check(msi)


def _fill_versions(msi: Path, work: Path, sources: dict[str, Path]) -> None:
    """wixl leaves File.Version empty; then Windows may first skip and then remove a file on upgrade."""
    versions = {file: found for file, path in sources.items() if (found := file_version(path))}
    head, rows = export(msi, "File")
    names = head[0].split("\t")
    version, language = names.index("Version"), names.index("Language")
    for row in rows:
        if row[0] in versions:
            row[version], row[language] = versions[row[0]], "0"
    _import(msi, work, "File", head, rows)
    head, rows = export(msi, "MsiFileHash")  # only for files without a version
    _import(msi, work, "MsiFileHash", head, [row for row in rows if row[0] not in versions])


def export(msi: Path, table: str) -> tuple[list[str], list[list[str]]]:
    """The three heading lines, and the rows, of one table."""
    data = subprocess.run(["msiinfo", "export", str(msi), table], capture_output=True, check=True).stdout
    lines = data.decode("cp1252").replace("\r\n", "\n").split("\n")
    return lines[:3], [line.split("\t") for line in lines[3:] if line]


def _import(msi: Path, work: Path, table: str, head: list[str], rows: list[list[str]]) -> None:
    path = work / f"{table}.idt"
    text = "\r\n".join([*head, *("\t".join(row) for row in rows)]) + "\r\n"
    path.write_bytes(text.encode("cp1252"))
    _sql(msi, f"DROP TABLE `{table}`")
    _run("msibuild", str(msi), "-i", str(path))


def _check(msi: Path) -> None:
    """wixl has misplaced actions before; the order is what makes properties and upgrades work."""
    _, rows = export(msi, "InstallExecuteSequence")
    order = [name for _, name in sorted((int(row[2] or 0), row[0]) for row in rows)]
    wanted = (
        *("KeepUDP_PORT", "AppSearch", "UseUDP_PORT", "DefaultAUTOSTART", "LaunchConditions", "CostFinalize"),
        *("SetNetsh", "InstallValidate", "CloseProgram", "RemoveExistingProducts", "InstallInitialize"),
        *("FirewallDelete", "InstallFiles", "WriteRegistryValues", "FirewallAdd", "InstallFinalize"),
    )
    places = [order.index(name) if name in order else -1 for name in wanted]
    if -1 in places or places != sorted(places):
        told = ", ".join(f"{name}={place}" for name, place in zip(wanted, places, strict=True))
        raise SetupError(f"The order of actions in the MSI is wrong: {told}")


def _sql(msi: Path, statement: str) -> None:
    _run("msibuild", str(msi), "-q", statement)


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-1500:]}")
