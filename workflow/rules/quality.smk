"""Quality: what a reader should know about one country's data before any result.

Needs     data/harmonised/{country}/
Leaves    results/{country}/data_quality.csv, numbers that may be shown; the site makes its page of all of them.
          data/quality/{country}.csv: the same with exact numbers, for the owner of the data only
"""


rule quality:
    """Look for missing answers, wrong routing, contradictions and double rows, and describe weights and design."""
    input:
        again_if_stale("quality"),
        children="data/harmonised/{country}/children.parquet",
        caregivers="data/harmonised/{country}/caregivers.parquet",
    output:
        table="results/{country}/data_quality.csv",
        exact="data/quality/{country}.csv",
    log:
        "logs/quality/{country}.log",
    conda:
        "../../environment.yml"
    message:
        "{wildcards.country}: data quality"
    shell:
        "python -m disrupting_harm quality {wildcards.country}"
        " --children {input.children} --caregivers {input.caregivers} --table {output.table}"
        " --exact {output.exact} 2> {log}"
