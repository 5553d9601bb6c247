"""What credentials for HTTP and the answers to them share, as `format_words` has it for others."""

from tokens.config_words import Words

APACHE: Words = {
    rb"<!DOCTYPE HTML PUBLIC[\s\S]*?</body></html>": (
        "what Apache httpd answers whom it asks for a password, word for word"
    ),
    rb"text/html; charset=iso-8859-1": "its media type",
}

PACKAGES: Words = {
    rb"\bapi/packages/|\bartifactory/(api/)?": "where Gitea and Artifactory keep registries",
    rb"[/-](npm|pypi|generic)?-?(local|virtual|release|internal|group)\b|[/-](npm|pypi|generic)/": (
        "what registries are called: their format and their use"
    ),
    rb"reqPackageAccess|Gitea Package API": "what Gitea answers for its packages",
    rb'\{\s*"errors" : \[ \{[\s\S]*\} \]\s*\}|Artifactory Realm': "what Artifactory answers",
    rb"charset=(utf-8|ISO-8859-1)": "as both name it",
}

CREDENTIALS: dict[str, Words] = {
    "git": {
        **APACHE,
        rb"\[core\]|repositoryformatversion|filemode|logallrefupdates|bare = false": (
            "what git init writes"
        ),
        rb'\[(remote "origin"|branch "\w+")\]|\+refs/heads/\*:refs/remotes/origin/\*|refs/heads/': (
            "what git clone writes"
        ),
        rb'\[submodule "|\.gitmodules|\.git-credentials': "what git calls its files",
        rb"\b(vendor|lib|modules|deps|third_party|external)/|-tools\b": (
            "what people call folders of submodules, and repositories"
        ),
        rb'realm="(Git(Lab|ea)?|Restricted|Private repositories|Git (access|repositories))"': (
            "what servers call themselves"
        ),
        rb"HTTP Basic: Access denied|Unauthorized": "what GitLab and Gitea answer",
        rb"charset=utf-8": "as both name it",
    },
    "netrc": {
        **PACKAGES,
        rb"\b(machine|login|password) ": "words of the format",
        rb"\b\d+\.\d+\.\d+(/|\.(tar\.gz|tar\.xz|tgz|zip))": "folders and ends of archives",
    },
    "npm": {
        **PACKAGES,
        rb":?registry=|:_authToken=": "names of settings",
        rb":_auth=[A-Za-z0-9+/=]*": "user and password in Base64, drawn words among them",
    },
    "pypi": {
        **PACKAGES,
        rb"\[global\]|\[distutils\]|index-servers|repository|username|password|pip\.conf": (
            "names of settings and their file"
        ),
        rb"/simple\b": "where the index of PEP 503 lies",
        rb"\[?(internal|private|company)\]?": "what people call an index of their own",
    },
    "docker": {
        rb'"auths":|config\.json': "names of the setting and its file",
        rb'"auth": "[A-Za-z0-9+/=]*"': "user and password in Base64, drawn words among them",
        rb'\{"errors":.*"detail":null\}\]\}|registry/2\.0|charset=utf-8': (
            "what the distribution registry answers"
        ),
        rb'realm="[A-Za-z -]+"': "what registries call themselves",
    },
    "kubeconfig": {
        rb"\b(apiVersion|clusters?|contexts?|current-context|insecure-skip-tls-verify|namespace"
        rb"|preferences|server|users?):": "fields of the format",
        rb"deployer|automation": "what people call accounts of programs",
        rb"eyJ[\w-]+\.eyJ[\w-]+\.": (
            "claims of a service account, in Base64: their names, and words that are drawn"
        ),
        rb'\{"kind":"Status",.*"code":401\}': "what kube-apiserver answers",
        rb"no-cache, private": "and with what",
    },
    "aws": {
        rb"(aws_)?(access_key_id|secret_access_key|default_region|endpoint_url)": (
            "names of settings and variables"
        ),
        rb"AKIA[IJ]": "how a key id of the old form begins",
        rb"(us|eu|ap|ca)-(north|south|central)?(east|west)?-\d|default|credentials": (
            "regions of AWS, and what it calls profile and file"
        ),
        rb"<ErrorResponse[\s\S]*<RequestId>|</RequestId>[\s\S]*</ErrorResponse>|text/xml": (
            "what STS answers"
        ),
    },
    "s3": {
        rb"(secret_)?(access|secret)_key(_id)?|host_(base|bucket)|use_https|\[default\]": (
            "settings of s3cmd"
        ),
        rb"rclone\.conf|provider = Ceph|endpoint = ": "settings of rclone",
        rb"<\?xml.*<RequestId>|-?(default)?</RequestId><HostId>|(-default)*</HostId></Error>": (
            "what Ceph's gateway answers, whose zone is called default unless it has a name"
        ),
        rb"application/xml": "its media type",
        rb"tx00000|-00[0-9a-f]{8}-[0-9a-f]+-(default)?": (
            "the form of its request ids: a number, the time, the instance and its zone"
        ),
    },
    "azure": {
        rb"AZURE_STORAGE_CONNECTION_STRING=|DefaultEndpointsProtocol=https;AccountName=[a-z]*": (
            "names within the string, and drawn words that run together"
        ),
        rb";AccountKey=[\w+/]+==;BlobEndpoint=": "and the key between them",
        rb"\xef\xbb\xbf<\?xml[\s\S]*RequestId:|[0-9a-f]{6}000000(</Message></Error>)?|01e-00": (
            "what the Blob service answers, and the form of its request ids"
        ),
        rb"application/xml|AuthenticationFailed": "media type and code of it",
    },
    "gcp": {
        rb'"\w+": "': "fields of the file",
        rb"-----(BEGIN|END) PRIVATE KEY-----|\\nMII[\w+/]{52}": "PEM and the head of PKCS #8",
        rb".AgMBAAECg(gE|f)..|..KBgQ[A-D].|AoGBA.|CgYEA.|\.json": (
            "the exponent 65537 and the heads of the key's other numbers (DER); how the file ends"
        ),
        rb'/token",': "where Google's own lies, too",
        rb"%40|-sa\b": "an at sign in a URL, and what service accounts are often called",
        rb"service_account|(\.iam\.g|g|\.)serviceaccount\.com|accounts\.google\.com/o/oauth2/auth"
        rb"|www\.googleapis\.com/(oauth2/v1/certs|robot/v1/metadata/x509/)|googleapis\.com": (
            "addresses of Google"
        ),
        rb'\{"error":"invalid_grant".*\}|no-cache.*revalidate|charset=utf-8|no-cache|nosniff': (
            "what Google's endpoint answers"
        ),
    },
    "mcp": {
        rb"\.mcp\.json|\"(mcpServers|headers|Authorization)\":|Bearer ": "fields of the file",
        rb"-tools|-mcp": "what people call servers",
        rb'\{"jsonrpc":"2\.0".*"id":null\}': "a refusal of JSON-RPC",
    },
    "llm": {
        rb"(OPENAI|ANTHROPIC)_(BASE_URL|API_KEY)=(sk-|llm-)?": "names of variables, and of keys",
        rb'\{"error":.*\}': "what vLLM and llama.cpp answer",
    },
    "proxy": {
        **APACHE,
        rb"https?_proxy=|no_proxy=|localhost(,127\.0\.0\.1)?(,::1)?|proxy_(user|password) = ": (
            "names of variables and settings"
        ),
        rb'realm="[A-Za-z ]+"': "what proxies call themselves",
    },
    "apt": {
        **PACKAGES,
        rb"\b(deb|machine|login|password) |debian": "words of the format",
        rb"bookworm|bullseye|trixie|jammy|noble|stable|main": "releases, and their parts",
    },
    "svn": {
        **APACHE,
        rb"passtype|password|svn:realmstring|username": "what svn keeps of a login",
        rb"/(svn|repos|branches|trunk)\b": "folders that every repository has",
        rb"(Subversion( Repository| repositories)?|SVN( access)?)": "what servers call themselves",
    },
    "hg": {
        **APACHE,
        rb"\[paths\]|\[auth\]|\.(prefix|username|password)|default|/(hg|repos)\b": (
            "names of settings, and usual folders"
        ),
        rb'realm="(Mercurial( repositories| Repository)?|hg(web)?)"': (
            "what servers call themselves"
        ),
    },
}
