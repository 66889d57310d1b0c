"""Suppression: what may be shown of one country, decided before its insights are made; and an attack on what they show.

Needs     data/harmonised/{country}/ and results/{country}/data_quality.csv; the audit also all other tables of
          results/{country}/
Leaves    data/harmonised/{country}/suppression.parquet, with alternatives.npz: tables that agree with all that is
          published then; and results/{country}/suppression_audit.csv, without which there is no site; no audit, if a
          hidden count can be narrowed down. data/definitions/: what holds by definition, learnt once per questionnaire
"""


rule suppression:
    """Decide which estimates may be shown, all together, so that no hidden count follows from others."""
    input:
        again_if_stale("suppression"),
        children="data/harmonised/{country}/children.parquet",
        caregivers="data/harmonised/{country}/caregivers.parquet",
        quality="results/{country}/data_quality.csv",
    output:
        decision="data/harmonised/{country}/suppression.parquet",
        alternatives="data/harmonised/{country}/alternatives.npz",
    log:
        "logs/suppression/{country}.log",
    conda:
        "../../environment.yml"
    message:
        "{wildcards.country}: what may be shown"
    shell:
        "python -m disrupting_harm suppress {wildcards.country}"
        " --children {input.children} --caregivers {input.caregivers} --quality {input.quality}"
        " --decision {output.decision}"
        " --alternatives {output.alternatives} 2> {log}"


rule audit:
    """Attack what the tables show: what they leave open about each hidden count."""
    input:
        again_if_stale("audit"),
        children="data/harmonised/{country}/children.parquet",
        caregivers="data/harmonised/{country}/caregivers.parquet",
        alternatives="data/harmonised/{country}/alternatives.npz",
        tables=collect("results/{{country}}/{insight}.csv", insight=INSIGHTS),
        quality="results/{country}/data_quality.csv",
    output:
        table="results/{country}/suppression_audit.csv",
    log:
        "logs/audit/{country}.log",
    conda:
        "../../environment.yml"
    message:
        "{wildcards.country}: suppression audit"
    shell:
        "python -m disrupting_harm audit {wildcards.country} --results results"
        " --children {input.children} --caregivers {input.caregivers}"
        " --alternatives {input.alternatives} --table {output.table} 2> {log}"
