"""Every kind of token there is, in the order in which people are offered them."""

from serinus.base.errors import OperatorError
from serinus.tokens.kind import Kind
from serinus.tokens.kinds import (
    ansible,
    apt,
    aws,
    azure,
    browser,
    cloned_css,
    cloned_site,
    desktop_ini,
    dns,
    docker,
    dotenv,
    excel,
    favicon,
    feed,
    gcp,
    git,
    hg,
    html,
    image,
    kubeconfig,
    library_ms,
    llm,
    lnk,
    login,
    login_page,
    markdown,
    mcp,
    mysql,
    netrc,
    npm,
    odp,
    ods,
    odt,
    openapi,
    opened_file,
    openvpn,
    playlist,
    postgres,
    postman,
    powerpoint,
    powershell_profile,
    proxy,
    pypi,
    qr,
    rdp,
    redirect,
    reg_command,
    robots,
    s3,
    schedule,
    scheduled_task,
    security_txt,
    ssh,
    svg,
    svn,
    url_file,
    web,
    webloc,
    wireguard,
    word,
    wrapper,
)

KINDS: tuple[Kind, ...] = (
    *(web.KIND, dns.KIND, redirect.KIND, browser.KIND),
    *(word.KIND, excel.KIND, powerpoint.KIND, odt.KIND, ods.KIND, odp.KIND),
    *(svg.KIND, html.KIND, markdown.KIND, qr.KIND),
    *(git.KIND, netrc.KIND, npm.KIND, pypi.KIND, docker.KIND, kubeconfig.KIND),
    *(apt.KIND, svn.KIND, hg.KIND, aws.KIND, s3.KIND, azure.KIND, gcp.KIND),
    *(mcp.KIND, llm.KIND, proxy.KIND),
    *(image.KIND, favicon.KIND, cloned_site.KIND, cloned_css.KIND),
    *(login_page.KIND, robots.KIND, security_txt.KIND),
    *(ssh.KIND, ansible.KIND, rdp.KIND, wireguard.KIND, openvpn.KIND),
    *(dotenv.KIND, mysql.KIND, postgres.KIND),
    *(openapi.KIND, postman.KIND, playlist.KIND, feed.KIND),
    *(wrapper.KIND, login.KIND, schedule.KIND, opened_file.KIND),
    *(desktop_ini.KIND, lnk.KIND, url_file.KIND, library_ms.KIND, reg_command.KIND),
    *(scheduled_task.KIND, powershell_profile.KIND, webloc.KIND),
)


def kind_named(name: str) -> Kind:
    """Return the kind of that name; raises OperatorError that names the known ones."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise OperatorError(f"There is no kind {name[:80]!r}; there are {known}.", "kind")
